"""What happens in a world, as the enriched events that the decider reads."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from analysis.simulation.worlds import BadWorld, Happening, Recorded, Said
from domain.acts_enriched import (
    AnswerEnriched,
    AttendanceEnriched,
    EnrolmentEnriched,
    PaymentEnriched,
)
from domain.events import InteractionEnriched, LeadEnriched, Sealed
from domain.extraction import (
    Extraction,
    Family,
    Finances,
    Objection,
    Signal,
    SignUp,
    skipped,
)
from domain.vocabulary import (
    Channel,
    Consent,
    Direction,
    ExtractionStatus,
    Intent,
    Level,
    OperatorAnswer,
    OptOut,
    Outcome,
    Payment,
    Sentiment,
    Severity,
    SignalClass,
    TopicClass,
)

ZONE = "America/Chicago"
"""Where every invented family lives."""

WORDS = Sealed("simulated", "simulated", b"")
"""In place of what was said: nobody opens it."""

SILENT: Any = skipped()

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose event it is, the place that it would have on the log, and when it takes place."""

    lead_id: str
    offset: int
    at: datetime

    @property
    def fields(self) -> dict[str, Any]:
        """Those that every enriched event has."""
        return {
            "event_id": f"{self.lead_id}-{self.offset}",
            "cause_event_id": f"{self.lead_id}-{self.offset}",
            "lead_id": self.lead_id,
            "root_offset": self.offset,
            "recorded_at": self.at,
            "occurred_at": self.at,
        }


def arrival(of: Origin) -> LeadEnriched:
    """A household with one guardian and one child is recorded."""
    return LeadEnriched(**of.fields, consents={"g1": Consent.CONTACTABLE}, children=1, time_zone=ZONE)


def outbound(of: Origin, channel: Channel, decision_id: str | None, said: Said | None) -> InteractionEnriched:
    """The academy calls, and the family speaks or does not answer; or it sends a message."""
    silent = channel is Channel.VOICE and said is None
    return _interaction(
        of,
        channel=channel,
        direction=Direction.OUTBOUND,
        outcome=Outcome.NO_ANSWER if silent else Outcome.COMPLETED,
        decision_id=decision_id,
        said=said,
    )


def inbound(of: Origin, channel: Channel, said: Said) -> InteractionEnriched:
    """The family writes or calls."""
    return _interaction(
        of,
        channel=channel,
        direction=Direction.INBOUND,
        outcome=Outcome.COMPLETED,
        decision_id=None,
        said=said,
    )


def answered(
    of: Origin, decision_id: str, answer: OperatorAnswer, action: str | None = None
) -> AnswerEnriched:
    """An operator's word on a proposal."""
    return AnswerEnriched(**of.fields, decision_id=decision_id, answer=answer, action=action)


RECORDS: dict[str, Callable[[Origin], Any]] = {
    "enrolled": lambda of: EnrolmentEnriched(**of.fields),
    "attended": lambda of: AttendanceEnriched(**of.fields, attended=True),
    "missed": lambda of: AttendanceEnriched(**of.fields, attended=False),
    "paid": lambda of: PaymentEnriched(**of.fields, outcome=Payment.PAID),
    "payment_missed": lambda of: PaymentEnriched(**of.fields, outcome=Payment.MISSED),
    "refunded": lambda of: PaymentEnriched(**of.fields, outcome=Payment.REFUNDED),
}
"""The event of each word of the academy's records."""


def checked(happenings: Sequence[Happening], where: str) -> tuple[Happening, ...]:
    """The world's answer, every word of it known and no moment in the past; raises BadWorld."""
    _sequence(happenings, where, type(happenings).__name__, "Said and Recorded")
    for one in happenings:
        if not isinstance(one, Said | Recorded):
            raise BadWorld(f"{where} answered {type(one).__name__}: it must be Said or Recorded")
        number(one.after_hours, where, "after_hours")
        if isinstance(one, Said):
            for name in ("questions", "deciders", "siblings"):
                number(getattr(one, name), where, name, whole=True)
            for name in ("objections", "addressed", "signals"):
                _sequence(getattr(one, name), where, f"{name}={getattr(one, name)}", "words")
            _extraction(one, where)
            word(Channel, one.channel or Channel.SMS, where, "channel")
        elif one.what not in RECORDS:
            raise BadWorld(f"{where} answered what={one.what}: it must be one of {', '.join(RECORDS)}")
    return tuple(happenings)


def _sequence(given: object, where: str, said: str, of: str) -> None:
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise BadWorld(f"{where} answered {said}: it must be a tuple of {of}")


def number(given: object, where: str, name: str, *, whole: bool = False) -> None:
    """Nothing, for a number that is 0 or more; raises BadWorld for anything else."""
    kinds = int if whole else int | float
    if not isinstance(given, kinds) or not math.isfinite(given) or given < 0:
        a_number = "a whole number, 0 or more" if whole else "a number, 0 or more"
        raise BadWorld(f"{where} answered {name}={given}: it must be {a_number}")


def word(kind: type[E], given: str, where: str, name: str) -> E:
    """The member of a vocabulary; raises BadWorld, naming those that there are."""
    try:
        return kind(given)
    except ValueError:
        known = ", ".join(one.value for one in kind)
        raise BadWorld(f"{where} answered {name}={given}: it must be one of {known}") from None


def _extraction(said: Said, where: str = "the world") -> Extraction[Sealed]:
    """What a transcript of these words would have been read as."""

    def topics(classes: Iterable[str], name: str) -> tuple[Objection[Sealed], ...]:
        found = (word(TopicClass, each, where, name) for each in classes)
        solved = name == "addressed"
        return tuple(Objection(WORDS, each, WORDS, Severity.MEDIUM, solved, WORDS) for each in found)

    nothing: Any = skipped(ExtractionStatus.OK)
    level = word(Level, said.concern, where, "concern")
    extraction: Extraction[Sealed] = replace(
        nothing,
        intent=word(Intent, said.intent, where, "intent"),
        sentiment=word(Sentiment, said.sentiment, where, "sentiment"),
        open_questions=(WORDS,) * said.questions,
        financial_signals=Finances(level, () if level is Level.NONE else (WORDS,)),
        family_context=Family((WORDS,) * said.siblings, (WORDS,) * said.deciders),
        objections=topics(said.objections, "objections") + topics(said.addressed, "addressed"),
        additional_signals=tuple(
            Signal(WORDS, word(SignalClass, each, where, "signals"), WORDS, Level.MODERATE, None, WORDS)
            for each in said.signals
        ),
        signed_up=SignUp(value=said.signed_up),
    )
    return extraction


def _interaction(
    of: Origin,
    *,
    channel: Channel,
    direction: Direction,
    outcome: Outcome,
    decision_id: str | None,
    said: Said | None,
) -> InteractionEnriched:
    return InteractionEnriched(
        **of.fields,
        channel=channel,
        direction=direction,
        outcome=outcome,
        guardian_id="g1",
        decision_id=decision_id,
        opt_out=OptOut.YES if said and said.opt_out else OptOut.NO,
        extraction=SILENT if said is None else _extraction(said),
    )
