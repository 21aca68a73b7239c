"""A world by its name: a built-in one, or `path/to/file.py:ClassName`, or `package.module:ClassName`."""

import importlib
import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

from analysis.simulation.built_in import BUILT_IN
from analysis.simulation.worlds import BadWorld, World

PARTS = ("family", "response", "daily", "operator")


@cache
def loaded(name: str) -> World:
    """The world; raises BadWorld."""
    if name in BUILT_IN:
        return BUILT_IN[name]
    place, colon, class_name = name.rpartition(":")
    if not colon:
        raise BadWorld(
            f"there is no world {name}: it must be one of {', '.join(BUILT_IN)}, or path/to/file.py:ClassName"
        )
    module = _file(place) if place.endswith(".py") else _module(place)
    kind = getattr(module, class_name, None)
    if not isinstance(kind, type):
        classes = [one for one, found in vars(module).items() if isinstance(found, type)]
        raise BadWorld(f"{place} has no class {class_name}: it has {', '.join(classes) or 'none'}")
    return _made(kind, name)


def _made(kind: type, name: str) -> World:
    abstract: frozenset[str] = getattr(kind, "__abstractmethods__", frozenset())
    missing = [part for part in PARTS if part in abstract or not callable(getattr(kind, part, None))]
    if missing:
        raise BadWorld(
            f"{name} lacks {' and '.join(missing)}: a world derives from analysis.simulation.worlds.World and has"
            " at least `family` and `response`"
        )
    try:
        world: World = kind()
    except Exception as error:  # a stranger's class may raise anything
        raise BadWorld(
            f"{name} cannot be made: {error} (a world takes no arguments, or all have defaults)"
        ) from error
    days = getattr(world, "days", None)
    if isinstance(days, bool) or not isinstance(days, int) or days < 1:
        raise BadWorld(f"{name} has days={days}: it must be a whole number, 1 or more")
    return world


def _file(place: str) -> ModuleType:
    path = Path(place)
    if not path.is_file():
        raise BadWorld(f"there is no file {place}: name a Python file, as path/to/file.py:ClassName")
    label = f"simulated_world_{path.stem}"
    spec = importlib.util.spec_from_file_location(label, path)
    if spec is None or spec.loader is None:
        raise BadWorld(f"{place} is no Python file: its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[label] = module  # where dataclasses look up the annotations of a class
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # a stranger's module may raise anything when it is read
        raise BadWorld(f"{place} cannot be read: {type(error).__name__}: {error}") from error
    return module


def _module(place: str) -> ModuleType:
    try:
        return importlib.import_module(place)
    except Exception as error:  # a module may raise anything when it is imported
        raise BadWorld(f"the module {place} cannot be imported: {type(error).__name__}: {error}") from error
