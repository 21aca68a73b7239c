"""The routes of the API as tables: what the OpenAPI document says, and the scope that the app itself asks for."""

import re
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

from fastapi import FastAPI
from pydantic import SecretStr

from infra.local import web
from ingest.settings import IngestSettings
from projections.api.settings import ApiSettings
from runtime.keys import Keys
from runtime.outlet import Outlet
from runtime.tokens import Scope
from schemas.flow import table
from tests.keyring import MemoryKeys
from tests.trail import MemorySink
from tests.unit.ingest.doubles import MemoryOutlet
from tests.unit.runtime.asgi import Client, client_of

METHODS = ("get", "post", "put", "patch", "delete")
HEADING = ("method and path", "scope", "answers", "what it does")
NOWHERE = SecretStr("postgresql://nobody@127.0.0.1:1/none?connect_timeout=1")
"""Port 1 refuses at once: who may pass is known before the database is asked."""


@cache
def app() -> FastAPI:
    """Ingest and read API in one, as they are served locally, on no servers."""
    tokens = SecretStr(",".join(f"{scope}:{_secret(scope)}:{scope}" for scope in Scope))
    shared: dict[str, Any] = {"tokens": tokens, "postgres": NOWHERE, "data_dir": Path(tempfile.gettempdir())}
    reading = ApiSettings(**shared)
    return web.build(
        IngestSettings(**shared, clock_seconds=0),
        reading,
        cast(Outlet, MemoryOutlet()),
        cast(Keys, MemoryKeys()),
        MemorySink(),
    )


def parts() -> dict[str, str]:
    """The tables by name."""
    with client_of(app()) as client:
        rows = list(_rows(client))
    return {"routes": table(HEADING, rows), "scopes": _scopes_table(rows), "problems": _problems()}


def paths() -> set[str]:
    """Every path as the document spells it."""
    return set(app().openapi()["paths"])


def _scopes_table(rows: list[tuple[str, ...]]) -> str:
    """What a token of each scope may ask for; a scope that opens nothing yet says so."""
    opened = ((scope, [path for path, asked, *_ in rows if scope in asked.split(", ")]) for scope in Scope)
    return table(("scope", "opens"), ((f"`{scope}`", "<br>".join(paths) or "-") for scope, paths in opened))


def _rows(client: Client) -> Iterator[tuple[str, ...]]:
    for path, methods in sorted(app().openapi()["paths"].items(), key=_place):
        for method in METHODS:
            if method in methods:
                operation = methods[method]
                good = next(status for status in operation["responses"] if status.startswith("2"))
                yield (f"`{method.upper()} {path}`", _scopes(client, method, path), good, _does(operation))


def _place(entry: tuple[str, Any]) -> tuple[bool, str]:
    """What needs a token first."""
    return not entry[0].startswith("/api"), entry[0]


def _does(operation: dict[str, Any]) -> str:
    """The function's own sentence, where a route has no summary of its own."""
    told = operation["summary"]
    generated = told == operation["operationId"].replace("_", " ").title()
    return str(operation["description"].splitlines()[0] if generated else told).rstrip(".")


def _scopes(client: Client, method: str, path: str) -> str:
    """Every scope whose token is not refused, found by asking with each; `-` where none is needed."""
    if not path.startswith("/api"):
        return "-"
    open_to = [scope for scope in Scope if _status(client, method, path, scope) != 403]
    assert open_to, f"{method} {path} is refused to every scope"
    return ", ".join(open_to)


def _status(client: Client, method: str, path: str, scope: Scope) -> int:
    place = re.sub(r"\{\w+\}", "lead-1", path)
    given = {"Authorization": f"Bearer {_secret(scope)}", "Content-Type": "application/json"}
    return client.ask(method.upper(), place, headers=given).status_code


def _secret(scope: str) -> str:
    return f"the-secret-of-{scope}"


def _problems() -> str:
    found = app().openapi()["components"]["responses"]
    rows = ((name.removeprefix("Problem"), said["description"]) for name, said in found.items())
    return table(("status", "why"), sorted(rows))
