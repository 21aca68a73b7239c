"""The page for people at `/docs`: the OpenAPI document as one HTML page, without a script and from nowhere else."""

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Any

CSS = Path(__file__).with_name("pages.css").read_text("utf-8")
POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(CSS.encode()).digest()).decode()}';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Its own style and nothing else is taken."""
METHODS = ("get", "post", "put", "patch", "delete")
_UNTAGGED = "tell"

Node = dict[str, Any]


def page(document: Node) -> str:
    """The whole page."""
    info = document["info"]
    groups = _groups(document)
    links = "".join(f'<a href="#{escape(tag)}">{escape(tag)}</a>' for tag in (*groups, "models"))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(info["title"])}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{CSS}</style></head><body>'
        f"<header><h1>{escape(info['title'])}</h1><p>{escape(info.get('description', ''))} "
        f"Every path below <code>/api</code> needs a bearer token. "
        f'The same for programs: <a href="/openapi.json">openapi.json</a>.</p><nav>{links}</nav></header><main>'
        + "".join(
            f'<h2 id="{escape(tag)}">{escape(tag)}</h2>{"".join(found)}' for tag, found in groups.items()
        )
        + f'<h2 id="models">models</h2>{"".join(_models(document))}</main></body></html>'
    )


def _groups(document: Node) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for path, methods in sorted(document["paths"].items()):
        for method in METHODS:
            if method in methods:
                operation = methods[method]
                tag = next(iter(operation.get("tags", ())), _UNTAGGED)
                groups.setdefault(tag, []).append(_operation(document, path, method, operation))
    return groups


def _operation(document: Node, path: str, method: str, operation: Node) -> str:
    said = operation.get("description", "")
    about = operation.get("summary", "")
    if about.lower().replace(" ", "_") == operation.get("operationId"):
        about, said = said.partition("\n")[0], said.partition("\n")[2]
    parts = (_text(said), *_parameters(operation), *_body(operation), *_responses(document, operation))
    return (
        f'<details id="{escape(operation.get("operationId", path))}"><summary>'
        f'<code class="method {method}">{method.upper()}</code> <code>{escape(path)}</code>'
        f'<span class="about">{_marked(about)}</span></summary><div>{"".join(parts)}</div></details>'
    )


def _parameters(operation: Node) -> Iterator[str]:
    found = operation.get("parameters", [])
    if found:
        rows = ((one["name"], _place(one), _kind(one["schema"]), _told(one)) for one in found)
        yield "<h3>Parameters</h3>" + _table(("name", "in", "type", "what it is"), rows)


def _place(parameter: Node) -> str:
    return escape(parameter["in"]) + (
        ', <span class="needed">needed</span>' if parameter.get("required") else ""
    )


def _body(operation: Node) -> Iterator[str]:
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"<h3>Body: {escape(kind)}, {_kind(content['schema'])}</h3>"
        yield from _examples(content)


def _responses(document: Node, operation: Node) -> Iterator[str]:
    rows = []
    for status, given in operation["responses"].items():
        answer = _resolved(document, given)
        kinds = (
            f"{escape(kind)} {_kind(content.get('schema', {}))}"
            for kind, content in answer.get("content", {}).items()
        )
        rows.append((escape(status), _text(answer.get("description", "")), "<br>".join(kinds)))
        if status.startswith("2"):
            for content in answer.get("content", {}).values():
                yield from _examples(content)
    yield "<h3>Answers</h3>" + _table(("status", "when", "with"), rows)


def _examples(content: Node) -> Iterator[str]:
    named = {name: one.get("value") for name, one in content.get("examples", {}).items()}
    if "example" in content:
        named = {"example": content["example"], **named}
    for name, value in named.items():
        shown = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
        yield f"<h3>{escape(name)}</h3><pre>{escape(shown)}</pre>"


def _models(document: Node) -> Iterator[str]:
    for name, schema in sorted(document["components"]["schemas"].items()):
        needed = schema.get("required", ())
        rows = (
            (
                f"<code>{escape(field)}</code>"
                + (' <span class="needed">needed</span>' if field in needed else ""),
                _kind(one),
                _told(one),
            )
            for field, one in schema.get("properties", {}).items()
        )
        fields = _table(("field", "type", "what it is"), rows) if "properties" in schema else _kind(schema)
        yield (
            f'<details id="model-{escape(name)}"><summary><code>{escape(name)}</code></summary>'
            f"<div>{_text(schema.get('description', ''))}{fields}</div></details>"
        )


def _kind(schema: Node) -> str:
    """A type in a few words, a model as a link."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#model-{name}">{name}</a>'
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return " or ".join(map(_kind, schema[several]))
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    if values:
        return " | ".join(f"<code>{escape(str(one))}</code>" for one in values)
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_kind(schema['additionalProperties'])}"
    return escape(" ".join(filter(None, (schema.get("type", "any"), schema.get("format")))))


def _told(node: Node) -> str:
    """What a field is, its default, and an example."""
    schema = node.get("schema", node)
    parts = [_text(node.get("description") or schema.get("description", ""), "span")]
    if schema.get("default") is not None:
        parts.append(f"default <code>{escape(json.dumps(schema['default']))}</code>")
    if schema.get("examples"):
        parts.append(f"such as <code>{escape(json.dumps(schema['examples'][0], ensure_ascii=False))}</code>")
    return " ".join(filter(None, parts))


def _text(said: str, tag: str = "p") -> str:
    return f"<{tag}>{_marked(said)}</{tag}>" if said else ""


def _marked(said: str) -> str:
    """Text, in which what stands between backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(said))


def _table(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{cell}</th>" for cell in heading)
    lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"


def _resolved(document: Node, node: Node) -> Node:
    """What a reference of this document leads to."""
    if "$ref" not in node:
        return node
    found: Any = document
    for step in node["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)
