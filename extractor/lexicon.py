"""The offline adapter's tables, read once: phrases by label, and what each objection and signal means."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain import opt_out
from domain.phrasebook import Phrasebook
from domain.vocabulary import Level, SignalClass, TopicClass


@dataclass(frozen=True, slots=True)
class SignalKind:
    """What a named signal means to an operator."""

    signal_class: SignalClass
    urgency: Level
    suggested_action: str | None
    detail: str
    grievance: bool


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(name).read_text("utf-8"))


_WORDS = _read("stances.toml") | _read("themes.toml")
_TOPICS = _read("objections.toml") | _read("signals.toml")
_LISTS: dict[str, str] = _WORDS.pop("lists")
_ASKS: dict[str, str] = _WORDS.pop("openers")

TOPICS: dict[str, tuple[TopicClass, str]] = {
    f"objection.{name}": (TopicClass(name), entry["topic"]) for name, entry in _TOPICS["objection"].items()
}
OBJECTIONS = frozenset(TOPICS)
SIGNALS: dict[str, SignalKind] = {
    f"signal.{name}": SignalKind(
        SignalClass(entry["kind"]),
        Level(entry["urgency"]),
        None if entry["action"] == "none" else entry["action"],
        entry["detail"],
        entry.get("grievance", False),
    )
    for name, entry in _TOPICS["signal"].items()
}
SIGNALLED = frozenset(SIGNALS)


def _phrases() -> dict[str, list[str]]:
    sections = {**_WORDS, "severity": _TOPICS["severity"], "doubt": _TOPICS["doubt"]}
    flat = {f"{section}.{name}": said for section, names in sections.items() for name, said in names.items()}
    for section in ("objection", "signal"):
        flat |= {f"{section}.{name}": entry["phrases"] for name, entry in _TOPICS[section].items()}
    flat |= {f"topic.{name}": entry.get("topics", []) for name, entry in _TOPICS["objection"].items()}
    return flat | {f"answer.{name}": entry["answers"] for name, entry in _TOPICS["objection"].items()}


_PHRASES = _phrases()
_OF_OURS = ("offer.", "answer.", "ask.", "reply.", "fact.promise", "money.topic")

BOOK = Phrasebook(_PHRASES, _LISTS, beside=opt_out.BOOK)
"""What a family may say; the phrases of a refusal (`REFUSALS`) are found with it in one pass."""

REFUSALS = opt_out.BOOK.labels

OURS = Phrasebook({label: texts for label, texts in _PHRASES.items() if label.startswith(_OF_OURS)}, _LISTS)
"""What is listened for when the academy speaks."""

_OPENERS = {name: frozenset(words.split()) for name, words in _ASKS.items()}
GREETERS, ASKERS, TELLERS, AUXILIARIES, SUBJECTS = (
    _OPENERS[name] for name in ("greeters", "askers", "tellers", "auxiliaries", "subjects")
)
