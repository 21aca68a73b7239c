"""The committed schemas: ids that never move, subjects and versions; no server is needed to read a topic."""

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from schemas.topics import TOPICS

FILE = re.compile(r"(?P<topic>[a-z-]+)\.(?P<event>[a-z-]+)\.v(?P<version>\d+)\.avsc")


@dataclass(frozen=True, slots=True)
class Schema:
    """One committed schema file; `text` is the Avro schema as it stands there."""

    id: int
    topic: str
    event: str
    version: int
    text: str

    @property
    def subject(self) -> str:
        """`<topic>-<event>`, as registries name it."""
        return f"{self.topic}-{self.event}"

    @property
    def type(self) -> type:
        """The class that holds the event."""
        return TOPICS[self.topic].events[self.event]


@cache
def schemas() -> dict[int, Schema]:
    """Every schema by id."""
    folder = files("schemas")
    ids: dict[str, int] = json.loads(folder.joinpath("registry.json").read_text())
    found = {}
    for name, number in ids.items():
        match = FILE.fullmatch(name)
        if match is None:
            raise ValueError(f"registry.json names {name!r}; it must be <topic>.<event>.v<number>.avsc")
        text = folder.joinpath("avro", name).read_text()
        found[number] = Schema(number, match["topic"], match["event"], int(match["version"]), text)
    return found


def latest() -> dict[tuple[str, type], Schema]:
    """The schema that is written for each topic and class: the highest version."""
    ordered = sorted(schemas().values(), key=lambda schema: schema.version)
    return {(schema.topic, schema.type): schema for schema in ordered}
