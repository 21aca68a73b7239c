"""Why a family objects where no phrase of the tables says it: the likeliest topic by a trained model (E8)."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from domain.extraction import Finances, Objection
from domain.linear import read
from domain.vocabulary import Intent, Level, Severity, TopicClass
from extractor.acts import final
from extractor.heard import Clause
from extractor.lexicon import TOPICS
from extractor.weighing import Passage, features, recent

NOTHING = "none"
"""The class of a text that objects without a reason of the list: a bare grievance."""

_MODEL = read(Path(__file__).with_name("topic_weights.txt"))


def reasons(
    raised: tuple[Objection[str], ...], intent: Intent, passages: Sequence[Passage]
) -> tuple[Objection[str], ...]:
    """What was raised by the rules; of a family that objects to nothing they know, what its words speak for."""
    if intent is not Intent.OBJECTING or any(not one.addressed for one in raised):
        return raised
    objecting = recent(passages, Intent.OBJECTING)
    found = features(objecting.said, final(objecting.stances))
    name, _ = max(zip(_MODEL.classes, _MODEL.chances(found), strict=True), key=lambda one: one[1])
    if name == NOTHING or any(one.topic_class.value == name for one in raised):
        return raised
    quote = max(objecting.said, key=_length).quote
    _, topic = TOPICS[f"objection.{name}"]
    return (*raised, Objection(topic, TopicClass(name), quote, Severity.MEDIUM, addressed=False, quote=quote))


def _length(clause: Clause) -> int:
    return clause.length


def worried(told: Finances[str], objections: tuple[Objection[str], ...]) -> Finances[str]:
    """Concern is moderate at least where cost is an open objection."""
    costs = [one.quote for one in objections if one.topic_class is TopicClass.FINANCIAL and not one.addressed]
    if not costs or told.concern_level in {Level.MODERATE, Level.HIGH}:
        return told
    mentions = tuple(dict.fromkeys((*told.mentions, *costs)))
    return replace(told, concern_level=Level.MODERATE, mentions=mentions)
