"""`python -m tests.extraction.folds`: how the adapter reads texts that it was not trained on.

Those in `fresh` and `judged` are in no training. The others are read by a model that neither they nor a fifth of all
files were in the training of, which takes some minutes.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from domain.extraction import Extraction, Finances, Objection, OptOutSaid, Signal, SignUp
from domain.linear import Linear, odds
from domain.vocabulary import (
    Channel,
    Direction,
    Intent,
    Level,
    OptOut,
    Outcome,
    Sentiment,
    Severity,
    SignalClass,
    Status,
    TopicClass,
)
from extractor.heard import hear
from extractor.offline_model import by_rules, extract, refusal_in
from extractor.weighing import CLASSES, FADES, NONE, YES
from tests.extraction.following import Followed, followed_by
from tests.extraction.labels import Confusion, confusion
from tests.extraction.texts import BESIDE, FRESH, JUDGED, Told, spoken, written
from tests.extraction.train import Sample, everything, said, sample

OURS = "ours"
"""The author of all files that were written beside the rules."""
CONVERSATIONS = Path(__file__).parent / "conversations.txt"
_FOLDS = 5
INTENTS = [name for name in Intent if name is not Intent.NO_RESPONSE]


def main() -> None:
    """Print the scores."""
    for folder in (FRESH, JUDGED):
        held = spoken(folder)
        _say(f"{folder.name} texts", read(written(folder)))
        _say(f"{folder.name} conversations", read(held))
        for channel in sorted({one.channel for one in held}):
            _say(
                f"{folder.name} conversations, {channel}",
                read([one for one in held if one.channel is channel]),
            )
    told = everything()
    authors = sorted({_author(one) for one in told} - {"open", ""})
    for fold in range(_FOLDS):
        left_out = authors[fold::_FOLDS]
        model = said(one for one in told if _author(one) not in left_out)
        for author in left_out:
            _tell(model, author, [one for one in told if _author(one) == author and one.answers])


def _tell(model: Linear, author: str, own: Sequence[Told]) -> None:
    for what, is_text in (("texts", True), ("conversations", False)):
        samples = [sample(one) for one in own if (one.opt_out is not None) == is_text]
        if samples:
            found = confusion(_intents(model, samples))
            sys.stdout.write(f"{author}, {what}, by the others: {_intent(found)}\n")


def _author(one: Told) -> str:
    return OURS if one.author in BESIDE else one.author


def _intents(model: Linear, samples: Sequence[Sample]) -> Iterable[tuple[str, str]]:
    """(wanted, said), by the model alone."""
    names = [name for name in CLASSES if name.startswith("intent.")]
    for one in samples:
        chances = dict(zip(names, odds(model.scores(one.parts, FADES)[: len(names)]), strict=True))
        (right,) = [name for name in one.right if name.startswith("intent.")]
        yield right.removeprefix("intent."), max(chances, key=chances.__getitem__).removeprefix("intent.")


@dataclass(frozen=True, slots=True)
class Found:
    """Wanted and said, of what decides."""

    intent: Confusion
    signup: Confusion
    sentiment: Confusion
    opt_out: Confusion
    bucket: Confusion


def read(told: Sequence[Told]) -> Found:
    """What the adapter makes of texts, and where a household stands by it that nothing else is known of."""
    pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for one in told:
        heard, right = extract(one.text, one.channel, one.direction), labelled(one)
        pairs["intent"].append((right.intent, heard.intent))
        pairs["sentiment"].append((right.sentiment, heard.sentiment))
        pairs["opt_out"].append((right.opt_out.verdict, heard.opt_out.verdict))
        pairs["signup"].append((str(right.signed_up.value), str(heard.signed_up.value)))
        pairs["bucket"].append((_followed(one, right).bucket, _followed(one, heard).bucket))
    return Found(**{name: confusion(each) for name, each in pairs.items()})


def _followed(one: Told, said: Extraction[str]) -> Followed:
    return followed_by(said, Status.CONTACTED, (one.channel, one.direction, Outcome.COMPLETED))


def labelled(one: Told) -> Extraction[str]:
    """The labels as an extraction; what is quoted does not matter."""
    of, quote, empty = one.answers, ("…",), extract("", Channel.SMS, Direction.INBOUND)
    objection = Objection("", TopicClass.OTHER, "", Severity.MEDIUM, addressed=False, quote="")
    signal = Signal("", SignalClass.OTHER, "", Level.MODERATE, None, "")
    family = replace(
        empty.family_context,
        siblings=quote if of["sibling"] == YES else (),
        decision_makers=quote if of["pending"] == YES else (),
    )
    return replace(
        empty,
        intent=Intent(of["intent"]),
        sentiment=Sentiment(of["sentiment"]),
        financial_signals=Finances(Level(of["cost"])),
        objections=() if of["topic"] == NONE else (replace(objection, topic_class=TopicClass(of["topic"])),),
        family_context=family,
        additional_signals=(signal,) if of["signal"] == YES else (),
        signed_up=SignUp(value=of["signup"] == YES, quote="…"),
        opt_out=OptOutSaid(one.opt_out or OptOut.NO),
    )


def _say(what: str, found: Found) -> None:
    said = [
        _intent(found.intent),
        f"sentiment {found.sentiment.macro_f1(list(Sentiment)):.3f}",
        f"bucket {found.bucket.accuracy:.3f}",
    ]
    signs = found.signup.label("True")
    said.append(
        f"sign-up precision {signs.precision or 0:.3f}, recall {signs.recall or 0:.3f} of {signs.wanted}"
    )
    stop = found.opt_out.label(OptOut.YES)
    if stop.wanted:
        said.append(f"opt-out precision {stop.precision or 0:.3f}, recall {stop.recall:.3f} of {stop.wanted}")
    sys.stdout.write(f"{what}: {', '.join(said)}\n")


def _intent(found: Confusion) -> str:
    return f"{found.counts.total()}, intent macro-F1 {found.macro_f1(INTENTS):.3f}, accuracy {found.accuracy:.3f}"


def ruled_intent(text: str, channel: Channel) -> Intent:
    """What stands at the end by the rules alone."""
    heard = hear(text, channel, Direction.INBOUND)
    return by_rules(heard, refusal_in(heard, channel))[1].intent


def weighed_intent(text: str, channel: Channel) -> Intent:
    """What the adapter says."""
    return extract(text, channel, Direction.INBOUND).intent


def conversations() -> list[tuple[Channel, Intent, str]]:
    """Channel, intent and transcript of each of fifty that are in no training."""
    found = []
    for block in f"\n{CONVERSATIONS.read_text('utf-8')}".split("\n= ")[1:]:
        head, _, text = block.partition("\n")
        channel, intent = head.split()
        found.append((Channel(channel), Intent(intent), f"{text.strip()}\n"))
    return found


if __name__ == "__main__":
    main()
