"""A client that a stock generator makes of the committed OpenAPI document, in a folder of its own."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from tests.docs.parts import ROOT

DOCUMENT = ROOT / "docs" / "openapi.json"
PACKAGE = "academy_client"
GENERATOR = Path(sys.executable).with_name("openapi-generator-cli")


@contextmanager
def client(folder: Path) -> Iterator[ModuleType]:
    """The package as OpenAPI Generator writes it, importable while the context lasts; nothing of it is changed."""
    subprocess.run(
        (GENERATOR, "generate", "-i", DOCUMENT, "-g", "python", "-o", folder, "--package-name", PACKAGE),
        check=True,
        capture_output=True,
    )
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module(PACKAGE)
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
            del sys.modules[name]
