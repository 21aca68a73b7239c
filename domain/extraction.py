"""The ten dimensions of what was said (E1); texts are `str` while open and `Sealed` on the log."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from domain.vocabulary import (
    ExtractionStatus,
    Intent,
    Level,
    OptOut,
    Sentiment,
    Severity,
    SignalClass,
    Speaker,
    TopicClass,
)

T = TypeVar("T")
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """Something specific that the academy can act on, with the words it rests on."""

    text: T
    quote: T
    speaker: Speaker


@dataclass(frozen=True, slots=True)
class Finances(Generic[T]):
    """How much cost worries the family at the end of the conversation."""

    concern_level: Level
    mentions: tuple[T, ...] = ()


@dataclass(frozen=True, slots=True)
class Scheduling(Generic[T]):
    """When the family can and cannot come."""

    constraints: tuple[T, ...] = ()
    preferred_times: tuple[T, ...] = ()


@dataclass(frozen=True, slots=True)
class Family(Generic[T]):
    """A second child, whoever is the lead; somebody else's yes that is missing; notes."""

    siblings: tuple[T, ...] = ()
    decision_makers: tuple[T, ...] = ()
    household_notes: tuple[T, ...] = ()


@dataclass(frozen=True, slots=True)
class Objection(Generic[T]):
    """A reason of the family against joining, staying or coming; solved in the call = addressed."""

    topic: T
    topic_class: TopicClass
    detail: T
    severity: Severity
    addressed: bool
    quote: T


@dataclass(frozen=True, slots=True)
class Signal(Generic[T]):
    """Anything else that a thoughtful person would want to know."""

    signal: T
    signal_class: SignalClass
    detail: T
    urgency: Level
    suggested_action: str | None
    quote: T


@dataclass(frozen=True, slots=True)
class SignUp(Generic[T]):
    """Said as done or ordered now; a wish or a condition is not a sign-up (E8)."""

    value: bool = False
    quote: T | None = None


@dataclass(frozen=True, slots=True)
class OptOutSaid(Generic[T]):
    """All contact refused, in any words (E8)."""

    verdict: OptOut = OptOut.NO
    quote: T | None = None


@dataclass(frozen=True, slots=True)
class Extraction(Generic[T]):
    """What one transcript says, under the names that API, Avro, prompt and context pack share."""

    adapter: str
    model: str
    status: ExtractionStatus
    summary: T | None
    facts: tuple[Fact[T], ...]
    intent: Intent
    sentiment: Sentiment
    open_questions: tuple[T, ...]
    financial_signals: Finances[T]
    scheduling_constraints: Scheduling[T]
    family_context: Family[T]
    objections: tuple[Objection[T], ...]
    additional_signals: tuple[Signal[T], ...]
    signed_up: SignUp[T]
    opt_out: OptOutSaid[T]
    injection: bool = False


def skipped(status: ExtractionStatus = ExtractionStatus.SKIPPED) -> Extraction[str]:
    """No transcript, nobody answered, or the model failed: nothing is known (E3)."""
    return Extraction(
        adapter="none",
        model="",
        status=status,
        summary=None,
        facts=(),
        intent=Intent.NO_RESPONSE if status is ExtractionStatus.SKIPPED else Intent.UNCLEAR,
        sentiment=Sentiment.NEUTRAL,
        open_questions=(),
        financial_signals=Finances(Level.NONE),
        scheduling_constraints=Scheduling(),
        family_context=Family(),
        objections=(),
        additional_signals=(),
        signed_up=SignUp(),
        opt_out=OptOutSaid(),
    )


def with_texts(said: Extraction[S], change: Callable[[str, S], T]) -> Extraction[T]:
    """Apply `change(field, text)` to every text: how an extraction is sealed and opened."""

    def each(field: str, texts: tuple[S, ...]) -> tuple[T, ...]:
        return tuple(change(field, text) for text in texts)

    def maybe(field: str, text: S | None) -> T | None:
        return None if text is None else change(field, text)

    times, family = said.scheduling_constraints, said.family_context
    return Extraction(
        adapter=said.adapter,
        model=said.model,
        status=said.status,
        summary=maybe("summary", said.summary),
        facts=tuple(Fact(change("fact", f.text), change("quote", f.quote), f.speaker) for f in said.facts),
        intent=said.intent,
        sentiment=said.sentiment,
        open_questions=each("question", said.open_questions),
        financial_signals=Finances(
            said.financial_signals.concern_level, each("mention", said.financial_signals.mentions)
        ),
        scheduling_constraints=Scheduling(
            each("constraint", times.constraints), each("preferred_time", times.preferred_times)
        ),
        family_context=Family(
            each("sibling", family.siblings),
            each("decision_maker", family.decision_makers),
            each("household", family.household_notes),
        ),
        objections=tuple(_objection(o, change) for o in said.objections),
        additional_signals=tuple(_signal(s, change) for s in said.additional_signals),
        signed_up=SignUp(said.signed_up.value, maybe("quote", said.signed_up.quote)),
        opt_out=OptOutSaid(said.opt_out.verdict, maybe("quote", said.opt_out.quote)),
        injection=said.injection,
    )


def _objection(said: Objection[S], change: Callable[[str, S], T]) -> Objection[T]:
    return Objection(
        change("topic", said.topic),
        said.topic_class,
        change("detail", said.detail),
        said.severity,
        said.addressed,
        change("quote", said.quote),
    )


def _signal(said: Signal[S], change: Callable[[str, S], T]) -> Signal[T]:
    return Signal(
        change("signal", said.signal),
        said.signal_class,
        change("detail", said.detail),
        said.urgency,
        said.suggested_action,
        change("quote", said.quote),
    )
