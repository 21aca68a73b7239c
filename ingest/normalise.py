"""A checked body to the event that goes on the log: texts sealed, the family's words classified."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from domain.events import Child, Guardian, InteractionRecorded, LeadPatched, LeadRecorded, Sealed
from domain.opt_out import CLASSIFIER, opt_out, urgent
from domain.turns import family_words
from domain.vocabulary import Channel, Direction, OptOut, Outcome
from ingest.bodies import Body, ChildBody, GuardianBody, InteractionBody, LeadBody, PatchBody
from runtime.keys import child, guardian, household

Seal = Callable[[str, str, str], Sealed]
"""(subject, field, text) -> sealed under that subject's key, for one event id."""

BODY = "body"
"""The field of what tells two bodies apart."""
AHEAD = timedelta(minutes=5)
"""An upstream clock may be so far ahead of ours."""
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Nothing older is a contact of an academy's; it is a wrong unit or an unset clock."""


AHEAD_PLANNED = timedelta(days=366)
"""Nobody plans a reminder further ahead; it is a wrong year."""


class Implausible(ValueError):
    """A time that cannot be; the message names no value, `field` is the time's name."""

    def __init__(self, message: str, field: str = "occurred_at") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Stamp:
    """What ingest itself gives an event: its id, when we got it, and the name of who told it."""

    event_id: str
    recorded_at: datetime
    actor: str


def interaction(body: InteractionBody, stamp: Stamp, seal: Seal) -> InteractionRecorded:
    """The event of a call, SMS or e-mail. Raises Implausible for a time out of bounds."""
    subject = speaker(body)
    words = _said_by_family(body)
    return InteractionRecorded(
        event_id=stamp.event_id,
        lead_id=body.lead_id,
        recorded_at=stamp.recorded_at,
        occurred_at=moment(body.occurred_at, stamp),
        channel=body.channel,
        direction=body.direction,
        outcome=body.outcome,
        duration_s=body.duration_s,
        guardian_id=body.guardian_id,
        decision_id=None if body.decision_id is None else str(body.decision_id),
        external_ref=maybe(seal, subject, "external_ref", body.external_ref),
        transcript=maybe(seal, subject, "transcript", body.transcript),
        opt_out=opt_out(words) if words else OptOut.NO,
        urgent=bool(words) and urgent(words),
        classifier=CLASSIFIER,
        body_hash=body_hash(body, subject, seal),
        buffered=body.buffered,
    )


def lead(body: LeadBody, stamp: Stamp, seal: Seal) -> LeadRecorded:
    """The event of a household's record. Raises Implausible for a time out of bounds."""
    home = household(body.lead_id)
    return LeadRecorded(
        event_id=stamp.event_id,
        lead_id=body.lead_id,
        recorded_at=stamp.recorded_at,
        occurred_at=moment(body.occurred_at, stamp),
        guardians=tuple(_guardian(body.lead_id, one, seal) for one in body.guardians),
        children=tuple(_child(body.lead_id, one, seal) for one in body.children),
        time_zone=body.time_zone,
        campaign_goal=maybe(seal, home, "campaign_goal", body.campaign_goal),
        body_hash=body_hash(body, home, seal),
    )


def patch(lead_id: str, body: PatchBody, stamp: Stamp, seal: Seal) -> LeadPatched:
    """The event of a record's changed parts. Raises Implausible for a time out of bounds."""
    home = household(lead_id)
    return LeadPatched(
        event_id=stamp.event_id,
        lead_id=lead_id,
        recorded_at=stamp.recorded_at,
        occurred_at=moment(body.occurred_at, stamp),
        given=body.given,
        guardians=tuple(_guardian(lead_id, one, seal) for one in body.guardians),
        children=tuple(_child(lead_id, one, seal) for one in body.children),
        time_zone=body.time_zone or None,
        campaign_goal=maybe(seal, home, "campaign_goal", body.campaign_goal),
        body_hash=body_hash(body, home, seal, "patch", *body.given),
    )


def speaker(body: InteractionBody) -> str:
    """Whose key seals what was said: the guardian's who took part, else the household's."""
    return guardian(body.lead_id, body.guardian_id) if body.guardian_id else household(body.lead_id)


def subjects(body: InteractionBody | LeadBody) -> tuple[str, ...]:
    """Everybody whose key the event needs."""
    if isinstance(body, InteractionBody):
        return (speaker(body),)
    return (
        household(body.lead_id),
        *(guardian(body.lead_id, one.guardian_id) for one in body.guardians),
        *(child(body.lead_id, one.child_id) for one in body.children),
    )


def _said_by_family(body: InteractionBody) -> str:
    """Words that may refuse contact: a message's by its direction, a call's by its turns, never a tape of ours."""
    spoken = body.channel is Channel.VOICE and body.outcome is Outcome.COMPLETED
    if not body.transcript or not (spoken or body.direction is Direction.INBOUND):
        return ""
    return family_words(body.transcript, body.channel, body.direction)


def _guardian(lead_id: str, body: GuardianBody, seal: Seal) -> Guardian:
    subject = guardian(lead_id, body.guardian_id)
    return Guardian(
        guardian_id=body.guardian_id,
        name=maybe(seal, subject, "name", body.name),
        phone=maybe(seal, subject, "phone", body.phone),
        email=maybe(seal, subject, "email", body.email),
        consent=body.consent,
    )


def _child(lead_id: str, body: ChildBody, seal: Seal) -> Child:
    subject = child(lead_id, body.child_id)
    return Child(
        child_id=body.child_id,
        name=maybe(seal, subject, "name", body.name),
        age=body.age,
        programme=maybe(seal, subject, "programme", body.programme),
    )


def maybe(seal: Seal, subject: str, field: str, text: str | None) -> Sealed | None:
    """The text sealed, if there is one."""
    return seal(subject, field, text) if text else None


def body_hash(body: Body, subject: str, seal: Seal, *address: str) -> bytes:
    """16 bytes that tell two bodies of one event id apart; `address` is what the path says beside the body.

    SHA-256 of the canonical body (in UTC, without its id), sealed: AES-SIV's synthetic IV is a keyed hash. Without
    the subject's key nobody can try out phone numbers against it.
    """
    at = getattr(body, "occurred_at", None)
    same = body
    if at is not None and at.utcoffset():
        same = body.model_copy(update={"occurred_at": at.astimezone(UTC)})
    canonical = "|".join((*address, same.model_dump_json(exclude={"id"}, exclude_none=True)))
    return seal(subject, BODY, hashlib.sha256(canonical.encode()).hexdigest()).box[:16]


def moment(occurred_at: datetime | None, stamp: Stamp) -> datetime:
    """When it took place, in UTC; absent: now. Raises Implausible for a time out of bounds."""
    if occurred_at is None:
        return stamp.recorded_at
    if occurred_at < EARLIEST:
        raise Implausible("must not be before the year 2000")
    if occurred_at > stamp.recorded_at + AHEAD:
        raise Implausible("must not be more than 5 minutes in the future")
    return occurred_at.astimezone(UTC)


def planned(field: str, at: datetime, occurred_at: datetime, stamp: Stamp) -> datetime:
    """A moment that is asked for, in UTC. Raises Implausible for one before the asking, or years ahead."""
    if at < occurred_at:
        raise Implausible("must not be before occurred_at, which is now if it is left out", field)
    if at > stamp.recorded_at + AHEAD_PLANNED:
        raise Implausible("must not be more than a year ahead", field)
    return at.astimezone(UTC)
