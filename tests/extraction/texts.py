"""Texts of our own with what is right for each: short ones, a line each, and conversations."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from domain.vocabulary import Channel, Direction, Intent, Level, OptOut, TopicClass
from extractor.lexicon import SIGNALS
from extractor.weighing import HEADS, NO, NONE, YES
from infra.demo.telling import CHANNELS, DIRECTIONS
from tests.extraction.golden import Golden, golden
from tests.unit.extractor.test_demo_families import FAMILIES, MISREAD, STORY

HERE = Path(__file__).parent
WRITTEN, SPOKEN = HERE / "written", HERE / "spoken"
FRESH, JUDGED = HERE / "fresh", HERE / "judged"
"""In no training: `conversations.txt` of either holds conversations, all else short texts."""
_HEARD = Path("tests/unit/extractor/examples.toml")
BESIDE = frozenset({
    "asking", "buts", "considering", "declining", "idioms", "interested", "longer", "neither", "objecting",
    "scheduling", "stop", "stop_more", "strangers",
})  # fmt: skip
"""Files that were written beside the rules; whoever wrote another had seen neither them nor any other file."""
_REFUSALS = Path("tests/unit/domain/opt_out_examples.toml")
_DOCUMENTED = Path("tests/docs/story.toml")
_ASKED = {
    "intent": "considering", "sentiment": "neutral", "cost": "high", "topic": NONE,
    "pending": YES, "sibling": YES, "signal": YES,
}  # fmt: skip
_WORRIES = (Level.MODERATE, Level.HIGH)
_LONGEST = 60  # words of a message of the golden set
_TALKS, _HELD = 2, 6  # how often a conversation counts beside a text, and what the tests hold

_OF_STORY = {
    ("fam-okafor", 1): {"cost": "high", "signal": YES},
    ("fam-okafor", 3): {"cost": "high", "topic": "distance", "pending": YES, "sibling": YES},
    ("fam-okafor", 4): {"cost": "moderate"},
    ("fam-delgado", 1): {"signal": YES},
}  # what else the demo's tests hold


@dataclass(frozen=True, slots=True)
class Told:
    """What a family said, and what is right for it: an answer to each question of `HEADS` that is labelled.

    `opt_out` is None where nothing is said of it; `author` is the file that it stands in, `times` how often it counts.
    """

    text: str
    answers: Mapping[str, str] = field(default_factory=dict)
    opt_out: OptOut | None = None
    channel: Channel = Channel.SMS
    direction: Direction = Direction.INBOUND
    author: str = ""
    times: int = 1


def written(folder: Path = WRITTEN) -> list[Told]:
    """Short texts: a head `= intent sentiment`, then a text a line, with its labels behind a bar."""
    found: list[Told] = []
    for path in sorted(folder.glob("*.txt")):
        if path.name == "conversations.txt":
            continue
        intent = sentiment = ""
        for line in path.read_text("utf-8").splitlines():
            if line.startswith("= "):
                _, intent, sentiment = line.split()
            elif line.strip():
                text, _, said = line.partition(" | ")
                labels = said.split()
                found.append(
                    Told(text, _answers(path, intent, sentiment, labels), _opt_out(labels), author=path.stem)
                )
    return found


def spoken(folder: Path = SPOKEN) -> list[Told]:
    """Conversations: a head `= channel intent sentiment labels`, then the transcript."""
    files = sorted(folder.glob("*.txt" if folder == SPOKEN else "conversations.txt"))
    return [one for path in files for one in _conversations(path)]


def _conversations(path: Path) -> Iterator[Told]:
    for block in f"\n{path.read_text('utf-8')}".split("\n= ")[1:]:
        head, _, text = block.partition("\n")
        channel, intent, sentiment, *labels = head.split()
        answers = _answers(path, intent, sentiment, labels)
        yield Told(f"{text.strip()}\n", answers, None, Channel(channel), author=path.stem, times=_TALKS)


def opened() -> list[Told]:
    """The golden set's open half."""
    return [_golden(one) for one in golden("open") if one.said.intent is not Intent.NO_RESPONSE]


def examples() -> Iterator[Told]:
    """The tables that the adapter is tested by: each tells some of what is right."""
    for entry in tomllib.loads(_HEARD.read_text("utf-8"))["said"]:
        channel, direction = entry.get("via", "sms inbound").split()
        answers = dict(_example(entry))
        if answers.get("intent") != Intent.NO_RESPONSE and answers:
            yield Told(entry["text"], answers, None, Channel(channel), Direction(direction), times=_HELD)
    for lead, number, intent, sentiment in STORY:
        entry = FAMILIES[lead].events[number - 1]
        name = next(name for name in CHANNELS if name in entry)
        way = Channel(CHANNELS[name]), Direction(DIRECTIONS[entry[name]])
        if (lead, number) not in MISREAD and intent != Intent.NO_RESPONSE:
            answers = {"intent": intent, "sentiment": sentiment, **_OF_STORY.get((lead, number), {})}
            yield Told(entry["text"].strip(), answers, None, *way, times=_HELD)
    asked, _, called = tomllib.loads(_DOCUMENTED.read_text("utf-8"))["interaction"]
    for entry, answers in ((asked, _ASKED), (called, {"intent": "scheduling", "sentiment": "neutral"})):
        way = Channel(entry["channel"]), Direction(entry["direction"])
        yield Told(entry["transcript"], answers, None, *way, times=_HELD)
    for verdict, said in tomllib.loads(_REFUSALS.read_text("utf-8")).items():
        yield from (Told(text, opt_out=OptOut(verdict), times=_HELD) for text in said)


def _example(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from ((name, entry[name]) for name in ("intent", "sentiment") if name in entry)
    if "concern" in entry:
        yield "cost", entry["concern"]
    if "objections" in entry:
        named = [one.split()[0] for one in entry["objections"] if one.endswith("open")]
        yield "topic", next((name for name in named if name in HEADS["topic"]), NONE)
    for head, name in (("pending", "pending"), ("sibling", "siblings")):
        if name in entry:
            yield head, YES if entry[name] else NO
    if "signals" in entry:
        grave = any(SIGNALS[f"signal.{name}"].urgency in _WORRIES for name in entry["signals"])
        yield "signal", YES if grave else NO


def _answers(path: Path, intent: str, sentiment: str, labels: list[str]) -> dict[str, str]:
    """Of each question; whether somebody signs up was not asked of all files."""
    cost = next((level for level in HEADS["cost"] if level in labels), NONE)
    if cost == NONE and TopicClass.FINANCIAL in labels:
        cost = Level.MODERATE.value
    return {
        "intent": Intent(intent).value,
        "sentiment": sentiment,
        "cost": cost,
        "topic": next((label for label in labels if label in HEADS["topic"]), NONE),
        **{name: YES if name in labels else NO for name in ("pending", "sibling", "signal")},
        **_signup(path, labels),
    }


def _signup(path: Path, labels: list[str]) -> dict[str, str]:
    if "signup" in labels:
        return {"signup": YES}
    return {} if path.stem in BESIDE else {"signup": NO}


def _opt_out(labels: list[str]) -> OptOut:
    return OptOut.YES if "stop" in labels else OptOut.UNSURE if "stop?" in labels else OptOut.NO


def _golden(one: Golden) -> Told:
    said = one.said
    open_topics = [each.topic_class for each in said.objections if not each.addressed]
    answers = {
        "intent": said.intent.value,
        "sentiment": said.sentiment.value,
        "cost": said.financial_signals.concern_level.value,
        "topic": next((name.value for name in open_topics if name is not TopicClass.FINANCIAL), NONE),
        "pending": YES if said.family_context.decision_makers else NO,
        "sibling": YES if said.family_context.siblings else NO,
        "signal": YES if any(each.urgency in _WORRIES for each in said.additional_signals) else NO,
        "signup": YES if said.signed_up.value else NO,
    }
    short = len(one.transcript.passages) == 1 and one.length <= _LONGEST
    verdict = said.opt_out.verdict if short and one.direction is Direction.INBOUND else None
    times = 1 if short else _TALKS
    return Told(one.text, answers, verdict, one.channel, one.direction, "open", times)
