"""`python -m tests.extraction.folds`: how the rules and the trained model read texts that neither was made for.

The texts in `written` are read by a model that was trained on the other four fifths of them; the rules were written
before them, but for phrases of opting out. The conversations are in no training.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from domain.vocabulary import Channel, Direction, Intent
from extractor import concerns, stance
from extractor.acts import INTENTS
from extractor.heard import hear
from extractor.offline_model import extract
from tests.extraction.labels import Confusion, confusion
from tests.extraction.train import Written, is_reasoned, reason, stance_features, trained, written_texts

CONVERSATIONS = Path(__file__).parent / "conversations.txt"
FOLDS = 5


def main() -> None:
    """Print the intent's scores."""
    told = written_texts()
    _say("texts, by rules", confusion((one.intent, by_rules(one.text, Channel.SMS)) for one in told))
    _say("texts, weighed", confusion(folded(told)))
    found = list(reasons_found(told))
    right = [sum(column) for column in zip(*found, strict=True)]
    sys.stdout.write(f"reasons of {len(found)} that object: {right[0]} by rules, {right[1]} weighed\n")
    spoken = list(conversations())
    _say("conversations, by rules", confusion((right, by_rules(text, how)) for how, right, text in spoken))
    _say("conversations, weighed", confusion((right, weighed(text, how)) for how, right, text in spoken))


def _say(what: str, found: Confusion) -> None:
    macro = found.macro_f1([name for name in Intent if name is not Intent.NO_RESPONSE])
    sys.stdout.write(f"{what}: {found.counts.total()}, macro-F1 {macro:.3f}, accuracy {found.accuracy:.3f}\n")


def folded(told: Sequence[Written]) -> Iterator[tuple[str, str]]:
    """(wanted, said) for each text, by a model that has not seen it."""
    seen = [stance_features(one.text) for one in told]
    right = [one.intent for one in told]
    for fold in range(FOLDS):
        others = [n for n in range(len(told)) if n % FOLDS != fold]
        model = trained([seen[n] for n in others], [right[n] for n in others])
        for n in range(fold, len(told), FOLDS):
            chances = model.chances(seen[n])
            yield right[n], model.classes[chances.index(max(chances))]


def reasons_found(told: Sequence[Written]) -> Iterator[tuple[bool, bool]]:
    """Whether the rules, and the rules with a model that has not seen it, find the reason of a text that objects."""
    reasoned = [one for one in told if is_reasoned(one)]
    seen = [stance_features(one.text) for one in reasoned]
    right = [reason(one) for one in reasoned]
    for fold in range(FOLDS):
        others = [n for n in range(len(reasoned)) if n % FOLDS != fold]
        model = trained([seen[n] for n in others], [right[n] for n in others])
        for n in range(fold, len(reasoned), FOLDS):
            if reasoned[n].intent is not Intent.OBJECTING or not reasoned[n].topics:
                continue
            ruled = concerns.objections(hear(reasoned[n].text, Channel.SMS, Direction.INBOUND))
            by_hand = any(one.topic_class.value in reasoned[n].topics for one in ruled)
            chances = model.chances(seen[n])
            guessed = not ruled and model.classes[chances.index(max(chances))] in reasoned[n].topics
            yield by_hand, by_hand or guessed


def by_rules(text: str, channel: Channel) -> Intent:
    """What stands at the end by the rules alone."""
    heard = hear(text, channel, Direction.INBOUND)
    stands = stance.standing(stance.passages(heard, concerns.objections(heard)))
    return INTENTS[stands.act] if stands else Intent.UNCLEAR


def weighed(text: str, channel: Channel) -> Intent:
    """What the adapter says."""
    return extract(text, channel, Direction.INBOUND).intent


def conversations() -> Iterator[tuple[Channel, Intent, str]]:
    """Channel, intent and transcript of each."""
    for block in f"\n{CONVERSATIONS.read_text('utf-8')}".split("\n= ")[1:]:
        head, _, text = block.partition("\n")
        channel, intent = head.split()
        yield Channel(channel), Intent(intent), f"{text.strip()}\n"


if __name__ == "__main__":
    main()
