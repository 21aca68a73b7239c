"""The documents that other programs read: OpenAPI of everything that is served, AsyncAPI of every topic."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from schemas import asyncapi
from tests.docs.parts import ROOT
from tests.docs.routes import app


def openapi() -> str:
    """As `/openapi.json` says it, in an order that does not depend on who mounts which router first."""
    found: dict[str, Any] = app().openapi()
    kinds = {kind: dict(sorted(named.items())) for kind, named in sorted(found["components"].items())}
    ordered = {**found, "paths": dict(sorted(found["paths"].items())), "components": kinds}
    return json.dumps(ordered, indent=2, ensure_ascii=False) + "\n"


DOCUMENTS: dict[Path, Callable[[], str]] = {
    ROOT / "docs" / "openapi.json": openapi,
    ROOT / "docs" / "asyncapi.json": asyncapi.text,
}
"""What is committed, and what makes it; `make docs` writes them."""
