"""The topology's own topics and schemas, put beside those of the product for this process alone."""

from pathlib import Path

from schemas.position import Position
from schemas.registry import Schema, schemas
from schemas.topic import Topic
from schemas.topics import TOPICS
from tests.bench.peers.events import Answered, Kept, Told

FOLDER = Path(__file__).with_name("avro")
TOLD, ANSWERED, KEPT, POSITION = 9_001, 9_002, 9_003, 9_004
"""Schema ids, far above those of the product."""

_TYPES: dict[str, dict[str, type]] = {
    "told": {"told": Told},
    "answered": {"answered": Answered},
    "kept": {"kept": Kept, "position": Position},
}


def add() -> None:
    """Make `told`, `answered` and `kept` known; call it before the first record is encoded."""
    known = schemas()
    position = next(each for each in known.values() if each.subject == "leads-position").text
    texts = {name: FOLDER.joinpath(f"{name}.avsc").read_text() for name in _TYPES}
    TOPICS.update({name: _topic(name, events) for name, events in _TYPES.items()})
    for number, name in ((TOLD, "told"), (ANSWERED, "answered"), (KEPT, "kept")):
        known[number] = Schema(number, name, name, 1, texts[name])
    known[POSITION] = Schema(POSITION, "kept", "position", 1, position)


def _topic(name: str, events: dict[str, type]) -> Topic:
    return Topic(name, "For a bench.", "lead id", "leads", (), (), events)
