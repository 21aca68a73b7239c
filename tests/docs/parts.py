"""The generated parts of the pages, each between two comments that name it; `make docs` writes them anew."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from infra.cli.app import ServiceName
from schemas import flow
from tests.docs import decision, routes, rules

ROOT = Path(__file__).parents[2]
PAGES = tuple(sorted(ROOT.glob("docs/*.md")))


def services() -> dict[str, str]:
    """What `academy service` runs, without the process that joins two for one machine."""
    names = (f"`{name}`" for name in ServiceName if name is not ServiceName.WEB)
    return {"services": f"{', '.join(names)}\n"}


MAKERS: tuple[Callable[[], dict[str, str]], ...] = (
    flow.parts,
    routes.parts,
    decision.parts,
    rules.parts,
    services,
)

_PART = re.compile(r"(<!-- made by `make docs`: (?P<name>[\w-]+) -->\n).*?(<!-- end -->\n)", re.DOTALL)
_MADE = re.compile(r"<!-- made by `[^`]+`: [\w-]+ -->\n.*?<!-- end -->\n", re.DOTALL)
"""By whatever command: the figures of a simulation take too long for `make docs`."""


@cache
def parts() -> dict[str, str]:
    """Every part by name, as the code makes it now."""
    return {name: text for make in MAKERS for name, text in make().items()}


def named(text: str) -> list[str]:
    """The parts that a page has a place for."""
    return [found["name"] for found in _PART.finditer(text)]


def rewritten(text: str) -> str:
    """The page with its parts as they should be; KeyError for a name that nothing makes."""
    return _PART.sub(lambda found: f"{found[1]}\n{parts()[found['name']]}\n{found[3]}", text)


def own(text: str) -> str:
    """The page without what a command makes of it."""
    return _MADE.sub("", text)
