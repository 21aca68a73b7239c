"""The house limits, on every file of the checkout: sizes, names, docstrings, pins and settings."""

import ast
import importlib
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

ROOT = Path(__file__).parents[2]

FILE_LINES, TEST_FILE_LINES, FUNCTION_LINES = 250, 400, 40

NO_NAMES = {"base", "common", "core", "helper", "helpers", "manager", "misc", "util", "utils"}
"""They say nothing of what is inside."""

UNDOCUMENTED = ("tests/*", "*/migrations/versions/*")

MACHINES = re.compile(r"(?<![\w.}])/(?:work|root|home|Users)(?![\w.])")
"""Paths that exist on one machine only."""

REGISTRIES = [
    ".".join(host)
    for host in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("repo1", "maven", "org"),
        ("repo", "maven", "apache", "org"),
        ("search", "maven", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("proxy", "golang", "org"),
        ("crates", "io"),
    )
]
"""Where packages come from is the client's own configuration, never ours."""

Node = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@cache
def _files() -> tuple[Path, ...]:
    """All that is or could be committed: neither ignored nor Git's own."""
    lines = ROOT.joinpath(".gitignore").read_text("utf-8").splitlines()
    ignored = [".git", *(line.rstrip("/") for line in lines)]

    def kept(folder: Path) -> Iterator[Path]:
        for entry in sorted(folder.iterdir()):
            if any(fnmatch(entry.name, pattern) for pattern in ignored):
                continue
            if entry.is_dir():
                yield from kept(entry)
            else:
                yield entry

    return tuple(kept(ROOT))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def _texts() -> dict[str, str]:
    """Every text file by name."""
    found = {}
    for path in _files():
        data = path.read_bytes()
        if b"\0" not in data:
            found[_name(path)] = data.decode("utf-8")
    return found


@cache
def _modules() -> dict[str, ast.Module]:
    return {name: ast.parse(text) for name, text in _texts().items() if name.endswith(".py")}


def _definitions() -> Iterator[tuple[str, Node]]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for name, module in _modules().items():
        yield from ((name, node) for node in ast.walk(module) if isinstance(node, kinds))


def _length(node: Node) -> int:
    """Lines from `def` to the end, without the docstring."""
    first = node.body[0]
    documented = ast.get_docstring(node, clean=False) is not None
    said = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (node.end_lineno or 0) - node.lineno + 1 - said


def _public(tree: ast.Module | ast.ClassDef, path: str = "") -> Iterator[tuple[str, Node]]:
    """Classes and functions that may be imported, and the methods of such classes."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name[0] != "_":
            yield path + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from _public(node, f"{path}{node.name}.")


def test_the_checkout_is_what_is_looked_at() -> None:
    assert {"pyproject.toml", "Makefile", "schemas/topics.py", "tests/unit/test_shape.py"} <= _texts().keys()
    assert not [name for name in _texts() if name.startswith((".git/", ".venv/"))]


def test_no_file_is_too_long() -> None:
    lengths = {name: text.count("\n") for name, text in _texts().items() if name.endswith(".py")}

    assert {
        name: lines
        for name, lines in lengths.items()
        if lines > (TEST_FILE_LINES if name.startswith("tests/") else FILE_LINES)
    } == {}


def test_no_function_is_too_long() -> None:
    functions = [(name, node) for name, node in _definitions() if not isinstance(node, ast.ClassDef)]

    assert len(functions) > 100
    assert [
        f"{name}:{node.lineno} {node.name} has {_length(node)} lines"
        for name, node in functions
        if _length(node) > FUNCTION_LINES
    ] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [name for name in _modules() if NO_NAMES & set(Path(name).with_suffix("").parts)] == []


def test_every_module_and_all_that_is_public_has_a_docstring() -> None:
    silent = []
    for name, module in _modules().items():
        if any(fnmatch(name, pattern) for pattern in UNDOCUMENTED):
            continue
        if not ast.get_docstring(module):
            silent.append(name)
        silent += [f"{name} {path}" for path, node in _public(module) if not ast.get_docstring(node)]

    assert silent == []


def test_a_package_re_exports_nothing() -> None:
    assert [
        name
        for name, module in _modules().items()
        if Path(name).name == "__init__.py" and [node for node in module.body if not _is_docstring(node)]
    ] == []


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def test_no_path_of_one_machine() -> None:
    assert _lines(MACHINES) == []


def test_no_address_of_a_package_registry() -> None:
    assert _lines(re.compile("|".join(map(re.escape, REGISTRIES)), re.IGNORECASE)) == []


def _lines(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:80]}"
        for name, text in _texts().items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


@pytest.mark.parametrize("name", ["requirements/run.txt", "requirements/dev.txt"])
def test_every_requirement_is_pinned_by_version_and_hash(name: str) -> None:
    wanted = [one for one in _texts()[name].replace("\\\n", " ").splitlines() if one and one[0] != "#"]

    assert len(wanted) > 20
    assert [
        one for one in wanted if not re.match(r"[\w.\[\],-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", one)
    ] == []
    assert [one for one in wanted if "://" in one or " @ " in one] == []


def test_the_example_of_settings_lists_each_of_them() -> None:
    example = ROOT / ".env.example"
    if not example.exists():
        pytest.skip("there is no .env.example yet")
    listed = re.findall(r"^#?\s*((?:ACADEMY|OPENAI)_[A-Z0-9_]+)=", example.read_text("utf-8"), re.MULTILINE)

    assert sorted(listed) == sorted(_settings())


def _settings() -> set[str]:
    """Names of the environment variables of every settings class, wherever it stands."""
    for name, text in _texts().items():
        if (
            name.endswith(".py")
            and not name.startswith("tests/")
            and re.search(r"class \w+\(\w*Settings\)", text)
        ):
            importlib.import_module(name.removesuffix(".py").replace("/", "."))
    variables = set()
    for kind in _subclasses(BaseSettings):
        if not kind.__module__.startswith(("pydantic", "tests")):
            variables |= {
                f"{kind.model_config.get('env_prefix')}{field}".upper() for field in kind.model_fields
            }
    return variables


def _subclasses(kind: type[BaseSettings]) -> Iterator[type[BaseSettings]]:
    for one in kind.__subclasses__():
        yield one
        yield from _subclasses(one)
