"""The golden set: transcripts with the extraction that is right for each, and the state that follows from it."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from domain.extraction import (
    Extraction,
    Fact,
    Family,
    Finances,
    Objection,
    OptOutSaid,
    Scheduling,
    Signal,
    SignUp,
)
from domain.vocabulary import (
    Channel,
    Direction,
    ExtractionStatus,
    Intent,
    Level,
    OptOut,
    Outcome,
    Sentiment,
    Severity,
    SignalClass,
    Speaker,
    Status,
    TopicClass,
)
from tests.extraction.places import Span, Transcript, labelled, named, words

HERE = Path(__file__).parent
Half = Literal["open", "aside"]
HALVES: tuple[Half, ...] = get_args(Half)

NEEDED = frozenset({"id", "via", "text", "intent", "sentiment", "state"})
MAY = frozenset(
    {"outcome", "was", "who", "theirs", "nobody", "until", "concern", "mentions", "opt_out", "signed_up"}
    | {"injection", "facts", "questions", "constraints", "preferred", "siblings", "pending", "household"}
    | {"objections", "signals"}
)


@dataclass(frozen=True, slots=True)
class Golden:
    """One interaction: what is told to an adapter, and what it should make of it."""

    number: int
    half: Half
    file: str
    reviewed: int
    transcript: Transcript
    channel: Channel
    direction: Direction
    outcome: Outcome
    was: Status
    said: Extraction[str]
    state: str

    @property
    def text(self) -> str:
        """What was said, as an adapter gets it."""
        return self.transcript.text

    @property
    def length(self) -> int:
        """Words, speaker labels not counted."""
        labels = len(self.transcript.passages) if ":" in self.text else 0
        return max(len(self.text.split()) - labels, 0)


def golden(half: Half) -> list[Golden]:
    """All interactions of one half, in the order of their numbers."""
    found = [one for path in sorted((HERE / half).glob("*.toml")) for one in _file(path, half)]
    return sorted(found, key=lambda one: one.number)


def _file(path: Path, half: Half) -> Iterator[Golden]:
    table = tomllib.loads(path.read_text("utf-8"))
    for entry in table["said"]:
        given = entry.keys()
        if NEEDED - given or given - NEEDED - MAY:
            odd = sorted((NEEDED - given) | (given - NEEDED - MAY))
            raise ValueError(f"{path.name}, interaction {entry.get('id')}: lacks or should not have {odd}")
        yield _golden(entry, path.name, half, table["reviewed"])


def _golden(entry: dict[str, Any], file: str, half: Half, reviewed: int) -> Golden:
    channel, direction = entry["via"].split()
    return Golden(
        number=entry["id"],
        half=half,
        file=file,
        reviewed=reviewed,
        transcript=transcript(entry),
        channel=Channel(channel),
        direction=Direction(direction),
        outcome=Outcome(entry.get("outcome", "completed")),
        was=Status(entry.get("was", "contacted")),
        said=_said(entry),
        state=entry["state"],
    )


def transcript(entry: dict[str, Any]) -> Transcript:
    """The text with its speakers: by labels (`who`), by passages (`theirs`), or all of one side's."""
    text = entry["text"]
    if "theirs" in entry:
        passages = tuple(named(text, entry["theirs"]))
    elif "who" in entry:
        academy, _, family = (side.strip() for side in f"{entry['who']} ".rpartition("|"))
        passages = tuple(labelled(text, _names(academy), _names(family)))
    elif entry.get("nobody", False):
        passages = ()
    else:
        until = text.find(f"\n{entry['until']}") if "until" in entry else len(text)
        if until < 0:
            raise ValueError(f"interaction {entry['id']}: no line begins with {entry['until']!r}")
        passages = ((Span(0, until), Speaker.FAMILY),)
    anonymous = entry["via"].startswith(Channel.VOICE) and "who" not in entry
    return Transcript(text, words(text), passages, anonymous)


def _names(side: str) -> list[str]:
    return [name.strip() for name in side.split(",") if name.strip()]


def _said(entry: dict[str, Any]) -> Extraction[str]:
    verdict, refusal = _parts(entry.get("opt_out", "no"))
    return Extraction(
        adapter="golden",
        model="",
        status=ExtractionStatus.OK,
        summary=None,
        facts=tuple(map(_fact, entry.get("facts", ()))),
        intent=Intent(entry["intent"]),
        sentiment=Sentiment(entry["sentiment"]),
        open_questions=tuple(entry.get("questions", ())),
        financial_signals=Finances(Level(entry.get("concern", "none")), tuple(entry.get("mentions", ()))),
        scheduling_constraints=Scheduling(
            tuple(entry.get("constraints", ())), tuple(entry.get("preferred", ()))
        ),
        family_context=Family(
            tuple(entry.get("siblings", ())),
            tuple(entry.get("pending", ())),
            tuple(entry.get("household", ())),
        ),
        objections=tuple(map(_objection, entry.get("objections", ()))),
        additional_signals=tuple(map(_signal, entry.get("signals", ()))),
        signed_up=SignUp(value="signed_up" in entry, quote=entry.get("signed_up")),
        opt_out=OptOutSaid(OptOut(verdict), refusal or None),
        injection=entry.get("injection", False),
    )


def _parts(line: str) -> tuple[str, str]:
    first, _, rest = line.partition(" | ")
    return first, rest


def _fact(line: str) -> Fact[str]:
    """`statement | quote`, and ` | academy` where the academy said it."""
    statement, quote = _parts(line)
    bare = quote.removesuffix(" | academy")
    return Fact(statement, bare, Speaker.FAMILY if bare == quote else Speaker.ACADEMY)


def _objection(line: str) -> Objection[str]:
    """`topic severity open|addressed | quote`."""
    kind, quote = _parts(line)
    topic, severity, answered = kind.split()
    if answered not in {"open", "addressed"}:
        raise ValueError(f"an objection is open or addressed, not {answered!r}")
    return Objection(topic, TopicClass(topic), quote, Severity(severity), answered == "addressed", quote)


def _signal(line: str) -> Signal[str]:
    """`class urgency | quote`."""
    kind, quote = _parts(line)
    name, urgency = kind.split()
    return Signal(name, SignalClass(name), quote, Level(urgency), None, quote)
