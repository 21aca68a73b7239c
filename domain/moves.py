"""The table that moves a household's status: cause, then status, to status (S3, S4)."""

from enum import StrEnum

from domain.events import InteractionEnriched
from domain.parameters import Parameters
from domain.vocabulary import Channel, Direction, Intent, Outcome, Sentiment, Status


class Cause(StrEnum):
    """What can move a status; the words of the table in S3."""

    TWO_WAY = "two_way"
    ENGAGED = "engaged"
    WARM = "warm"
    SCHEDULING = "scheduling"
    ENROLMENT = "enrolment"
    ATTENDED = "attended"
    MISSED_TWICE = "missed_twice"
    MISSED_PAYMENT = "missed_payment"
    RECOVERED = "recovered"
    DECAYED = "decayed"
    DECLINING = "declining"


FUNNEL = (Status.NEW, Status.CONTACTED, Status.INTERESTED, Status.TRIAL, Status.ENROLLED)
"""The path along which a cause that reaches further emits every hop between (S4)."""

_OPEN = FUNNEL[:4]
MOVES: dict[Cause, dict[Status, Status]] = {
    Cause.TWO_WAY: {Status.NEW: Status.CONTACTED},
    Cause.ENGAGED: {Status.INACTIVE: Status.AT_RISK},
    Cause.WARM: {Status.CONTACTED: Status.INTERESTED},
    Cause.SCHEDULING: {Status.CONTACTED: Status.TRIAL, Status.INTERESTED: Status.TRIAL},
    Cause.ENROLMENT: dict.fromkeys(_OPEN, Status.ENROLLED),
    Cause.ATTENDED: {Status.ENROLLED: Status.ACTIVE, Status.AT_RISK: Status.ACTIVE},
    Cause.MISSED_TWICE: dict.fromkeys((Status.ENROLLED, Status.ACTIVE), Status.AT_RISK),
    Cause.MISSED_PAYMENT: dict.fromkeys((Status.ENROLLED, Status.ACTIVE), Status.AT_RISK),
    Cause.RECOVERED: {Status.AT_RISK: Status.ACTIVE},
    Cause.DECAYED: {Status.ENROLLED: Status.AT_RISK, Status.AT_RISK: Status.INACTIVE},
    Cause.DECLINING: {
        **dict.fromkeys((*_OPEN, Status.AT_RISK, Status.INACTIVE), Status.DECLINED),
        **dict.fromkeys((Status.ENROLLED, Status.ACTIVE), Status.AT_RISK),
    },
}
"""S3: cause, then status, to status; what is not listed does not move."""


def is_two_way(event: InteractionEnriched) -> bool:
    """A completed call, or any inbound message; an inbound voicemail is a message."""
    if event.channel is Channel.VOICE:
        left_message = event.direction is Direction.INBOUND and event.outcome is Outcome.VOICEMAIL
        return event.outcome is Outcome.COMPLETED or left_message
    return event.direction is Direction.INBOUND


def causes(event: InteractionEnriched, parameters: Parameters) -> tuple[Cause, ...]:
    """What an interaction gives the table, in the order in which it applies."""
    if not is_two_way(event):
        return ()
    said = event.extraction
    warm = said.intent is Intent.INTERESTED or (
        said.intent in (Intent.REQUESTING_INFO, Intent.CONSIDERING)
        and said.sentiment is not Sentiment.NEGATIVE
    )
    eager = said.intent in (Intent.INTERESTED, Intent.SCHEDULING) and said.sentiment is Sentiment.POSITIVE
    stated = said.signed_up.value and parameters.enrolment_from == "stated"
    given = {
        Cause.TWO_WAY: True,
        Cause.ENGAGED: said.intent is not Intent.DECLINING,
        Cause.WARM: warm,
        Cause.SCHEDULING: said.intent is Intent.SCHEDULING,
        Cause.RECOVERED: eager,
        Cause.ENROLMENT: stated,
        Cause.DECLINING: said.intent is Intent.DECLINING,
    }
    return tuple(cause for cause, holds in given.items() if holds)


def path(status: Status, given: tuple[Cause, ...]) -> tuple[Status, ...]:
    """Every status that the causes pass through, beginning with the present one (S4)."""
    passed = [status]
    for cause in given:
        here = passed[-1]
        to = MOVES[cause].get(here)
        if to is None:
            continue
        between = here in FUNNEL and to in FUNNEL
        passed += FUNNEL[FUNNEL.index(here) + 1 : FUNNEL.index(to) + 1] if between else (to,)
    return tuple(passed)
