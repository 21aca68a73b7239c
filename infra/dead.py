"""The dead letters of the services: what could not be handled, from where and why; never what was said."""

from collections.abc import Iterator
from dataclasses import dataclass

from infra.records import messages
from ingest.identifiers import opaque
from runtime.errors import RuntimeFault
from runtime.settings import Settings
from runtime.transform import Message
from schemas.topics import TOPICS

GROUPS = tuple(name.removesuffix(".dead") for name in TOPICS if name.endswith(".dead"))
"""Services that may set a record aside."""


class NoLetter(RuntimeFault):
    """No dead letter stands at this place."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One record that was set aside, and where it stood; `key` is an id, None where it is none or may be no id."""

    group: str
    partition: int
    offset: int
    source: str
    event: str | None
    key: str | None
    error: str
    reason: str
    size: int

    @property
    def place(self) -> str:
        """How `academy dead show` takes it."""
        return f"{self.group}/{self.partition}/{self.offset}"


def letters(settings: Settings, groups: tuple[str, ...] = GROUPS) -> Iterator[Letter]:
    """Every dead letter that is still kept, by group in the order in which they were set aside."""
    for group in groups:
        found = sorted(messages(settings, f"{group}.dead"), key=lambda each: (each.partition, each.offset))
        yield from (_letter(group, message) for message in found)


def letter(settings: Settings, place: str) -> Letter:
    """The one at `<group>/<partition>/<offset>`; raises NoLetter."""
    group = place.partition("/")[0]
    if group in GROUPS:
        for each in letters(settings, (group,)):
            if each.place == place:
                return each
    raise NoLetter(f"there is no dead letter {place}; `academy dead list` shows those that are kept")


def _letter(group: str, message: Message) -> Letter:
    said = {name: value.decode("utf-8", "replace") for name, value in message.headers}
    topic, number, offset = (said.get(f"dead-{name}", "?") for name in ("topic", "partition", "offset"))
    return Letter(
        group=group,
        partition=message.partition,
        offset=message.offset,
        source=f"{topic}/{number}/{offset}",
        event=said.get("event-type"),
        key=_id(message.key),
        error=said.get("dead-class", "?"),
        reason=said.get("dead-reason", "?"),
        size=message.size,
    )


def _id(key: bytes | None) -> str | None:
    """A sender's mistake may be a phone number: what does not look like an id is not shown."""
    try:
        return opaque((key or b"").decode())
    except ValueError:
        return None
