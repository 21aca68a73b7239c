"""What operators and the academy's own systems tell beside interactions and records, checked field by field."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from domain.actions import ACTIONS
from domain.vocabulary import Payment, Status, Told
from ingest.bodies import Body, Id

WORDS_LIMIT = 2_000
"""Characters of a reason or a note: a page of an operator's own words."""


def _action(name: str) -> str:
    if name not in ACTIONS:
        raise ValueError(f"must be one of {', '.join(ACTIONS)}")
    return name


Words = Annotated[str, StringConstraints(min_length=1, max_length=WORDS_LIMIT, strip_whitespace=True)]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=200)]
ActionName = Annotated[str, AfterValidator(_action), Field(json_schema_extra={"enum": list(ACTIONS)})]


class ActBody(Body):
    """Common to all acts."""

    occurred_at: AwareDatetime | None = None
    """When it took place, with its offset; absent: now."""
    id: UUID | None = None
    """The event's id; absent, one is made. An `Idempotency-Key` goes before it."""


class ConsentBody(ActBody):
    """The family's own word on whether they may be contacted; one older than their refusal lifts nothing."""

    lead_id: Id
    """The household, by an opaque id."""
    guardian_id: Id | None = None
    """Whose consent it is; absent: the whole household's."""
    consent: Literal["contactable", "opted_out"]
    reason: Words | None = None


class CorrectionBody(ActBody):
    """A refusal was read where the family had not refused: they may be contacted again."""

    guardian_id: Id | None = None
    """Whose consent was misread; absent: the whole household's."""
    reason: Words
    """What they had said or meant."""


class EnrolmentBody(ActBody):
    """The academy's records say that a child is enrolled."""

    lead_id: Id
    """The household, by an opaque id."""
    child_id: Id | None = None
    external_ref: Reference | None = None
    """The academy's own reference."""


class AttendanceBody(ActBody):
    """The academy's records say that a child came to a session, or did not."""

    lead_id: Id
    """The household, by an opaque id."""
    child_id: Id | None = None
    """Whose session it was."""
    attended: bool
    """Whether the child came."""
    occurred_at: AwareDatetime
    """When the session took place, with its offset; not in the future."""
    external_ref: Reference | None = None
    """The academy's own reference."""


class PaymentBody(ActBody):
    """The academy's records say what came of a payment; an amount has no place here."""

    lead_id: Id
    """The household, by an opaque id."""
    outcome: Payment
    """`paid`, `missed`, or `refunded`: given back, so that nothing is open."""
    occurred_at: AwareDatetime
    """When it came, was due or was given back, with its offset; not in the future."""
    external_ref: Reference | None = None
    """The academy's own reference."""


class StatusBody(ActBody):
    """An operator's word on the status: it happened elsewhere, or it was misread."""

    status: Status
    kind: Told
    """`observed`: it happened, as any other cause; `correction`: what was read before was wrong."""
    reason: Words


class AnswerBody(ActBody):
    """Common to what is said to a decision."""

    note: Words | None = None


class RejectionBody(AnswerBody):
    """The decision is not to be carried out; another is made, and this action rests for a week."""

    reason: Words


class AcceptanceBody(AnswerBody):
    """The decision will be carried out as it stands."""


class ExecutionBody(AnswerBody):
    """What was carried out, as proposed or instead."""

    action: ActionName
