"""What the rules found and what the words are weighed to say, taken together: each finding with its quote (E8).

The trained model knows what the rules found. It takes back what it holds for improbable, and adds what they missed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from domain.extraction import Family, Finances, Objection, Signal, SignUp
from domain.linear import Feature
from domain.vocabulary import Intent, Level, OptOut, Sentiment, Severity, SignalClass, TopicClass
from extractor import concerns, household, notes, stance
from extractor.acts import INTENTS, Act, Stance
from extractor.heard import Heard
from extractor.lexicon import TOPICS
from extractor.weighing import HEADS, NONE, Passage, Votes, Weighed, telling, votes

_ADDS, _DROPS = 0.3, 0.15
"""How probable must be what is added, and may be what is taken back."""
_LEAST = 0.1
"""The same of the reason of a family that objects, which must have one."""
_SIGNS, _SIGNS_RULED = 0.4, 0.1
"""How probable must be a sign-up, and one that the rules find."""
_WORRIES = frozenset({Level.MODERATE, Level.HIGH})
_LEVELS = list(HEADS["cost"])
_REASONED = frozenset({Intent.OBJECTING, Intent.CONSIDERING, Intent.DECLINING})


@dataclass(frozen=True, slots=True)
class Ruled:
    """What the rules make of a conversation on their own."""

    stands: Stance | None
    finances: Finances[str]
    objections: tuple[Objection[str], ...]
    sentiment: Sentiment
    family: Family[str]
    signals: tuple[Signal[str], ...]

    @property
    def intent(self) -> Intent:
        """Of the stance that stands at the end."""
        return INTENTS[self.stands.act] if self.stands else Intent.UNCLEAR

    @property
    def signs(self) -> bool:
        """Whether the stance is a sign-up."""
        return self.stands is not None and self.stands.act is Act.SIGN

    @property
    def features(self) -> frozenset[Feature]:
        """As the model sees it."""
        stands = (
            f"=stands.{self.stands.act.name}{'.answer' * self.stands.answers}" if self.stands else "=stands"
        )
        found = [stands, f"=rules.{self.sentiment}", f"=rules.cost.{self.finances.concern_level}"]
        found += [f"=rules.{one.topic_class}{'.solved' * one.addressed}" for one in self.objections]
        found += [f"=rules.signal.{one.urgency}" for one in self.signals]
        found += ["=rules.pending"] if self.family.decision_makers else []
        found += ["=rules.sibling"] if self.family.siblings else []
        return frozenset(found)


def ruled(
    heard: Heard, passages: Sequence[Passage], objections: tuple[Objection[str], ...], refusal: OptOut
) -> Ruled:
    """By the rules."""
    stands = stance.standing(passages)
    intent = INTENTS[stands.act] if stands else Intent.UNCLEAR
    signs = stands is not None and stands.act is Act.SIGN
    return Ruled(
        stands,
        concerns.finances(heard, intent),
        objections,
        concerns.sentiment(heard, intent, signs=signs, refusal=refusal),
        household.family(heard),
        notes.signals(heard),
    )


@dataclass(frozen=True)
class Judged:
    """Rules and words together; `intent` is what they come to."""

    rules: Ruled
    words: Weighed
    passages: Sequence[Passage]
    intent: Intent

    @property
    def sentiment(self) -> Sentiment:
        """Towards the academy or its offer."""
        return Sentiment(self.words.likeliest("sentiment"))

    @property
    def signed_up(self) -> SignUp[str]:
        """Whether they say that they have joined or order it now, and do not take that back."""
        stands, chance = self.rules.stands, self.words.of("signup")
        if self.intent is not Intent.INTERESTED or not self.passages:
            return SignUp()
        if stands is not None and self.rules.signs and chance >= _SIGNS_RULED:
            return SignUp(value=True, quote=stands.clause.quote)
        return SignUp(value=True, quote=self._quote("signup")) if chance >= _SIGNS else SignUp()

    @cached_property
    def finances(self) -> Finances[str]:
        """The concern about cost, and who leaves over it: as grave as the graver of both, where both see one."""
        said = self.rules.finances
        if not self.passages:
            return said
        worry = self._chance("cost")
        if worry < (_ADDS if said.concern_level is Level.NONE else _DROPS) and not self._is_costs:
            return Finances(Level.NONE)
        level = max(Level(self._name("cost")), said.concern_level, key=_LEVELS.index)
        if level is Level.LOW and self._is_costs:
            level = Level.MODERATE
        leaves = level is Level.MODERATE and self.intent is Intent.DECLINING
        return Finances(Level.HIGH if leaves else level, said.mentions or (self._quote("cost", level.value),))

    @property
    def objections(self) -> tuple[Objection[str], ...]:
        """Reasons against it: the rules', without those that the words do not bear out, and what they missed."""
        finances, reason = self.finances, self._chance("topic")
        costs = finances.concern_level in _WORRIES
        kept = [
            one
            for one in self.rules.objections
            if one.addressed or not self.passages or (costs if _is_cost(one) else reason >= _DROPS)
        ]
        known = {one.topic_class for one in kept}
        if costs and TopicClass.FINANCIAL not in known and self.intent in _REASONED:
            kept.append(self._missed(TopicClass.FINANCIAL, finances.mentions[0]))
        lacks = self.intent is Intent.OBJECTING and not kept
        if self.passages and all(map(_is_cost, kept)) and reason >= (_LEAST if lacks else _ADDS):
            name = self._name("topic")
            kept.append(self._missed(TopicClass(name), self._quote("topic", name)))
        return concerns.at_the_end(tuple(kept), self.intent)

    @property
    def _is_costs(self) -> bool:
        """Whether they object to something, and to the cost rather than to anything else."""
        worry = self._chance("cost")
        return self.intent is Intent.OBJECTING and worry >= _LEAST and worry > self._chance("topic")

    def _chance(self, head: str) -> float:
        """How probable it is that there is anything."""
        return 1 - self.words.of(head, NONE)

    def _name(self, head: str) -> str:
        """What it is then."""
        return max(set(HEADS[head]) - {NONE}, key=self.words.chances[head].__getitem__)

    @property
    def family(self) -> Family[str]:
        """A second child, and a yes that is missing."""
        return replace(
            self.rules.family,
            siblings=self._quotes("sibling", self.rules.family.siblings),
            decision_makers=self._quotes("pending", self.rules.family.decision_makers),
        )

    @property
    def signals(self) -> tuple[Signal[str], ...]:
        """What must change the next contact, and what is worth knowing; nothing that the rules find is taken back."""
        chance, found = self.words.of("signal"), list(self.rules.signals)
        if chance >= _ADDS and self.passages and not any(one.urgency in _WORRIES for one in found):
            quote = self._quote("signal")
            detail = f"Worth knowing: {quote}"
            found.append(Signal("worth_knowing", SignalClass.OTHER, detail, Level.MODERATE, None, quote))
        return tuple(found)

    def _quotes(self, head: str, by_rules: tuple[str, ...]) -> tuple[str, ...]:
        chance = self.words.of(head)
        if by_rules or not self.passages or chance < _ADDS:
            return by_rules if chance >= _DROPS else ()
        return (self._quote(head),)

    def _quote(self, head: str, name: str = "yes") -> str:
        return telling(self._votes, head, name).quote

    @cached_property
    def _votes(self) -> Votes:
        return votes(self.passages)

    def _missed(self, about: TopicClass, quote: str) -> Objection[str]:
        topic = TOPICS[f"objection.{about}"][1]
        return Objection(topic, about, quote, Severity.MEDIUM, addressed=False, quote=quote)


def _is_cost(one: Objection[str]) -> bool:
    return one.topic_class is TopicClass.FINANCIAL
