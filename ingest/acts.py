"""A checked act to one record ready for Kafka: an operator's, or one of the academy's own systems."""

from datetime import datetime
from functools import partial
from typing import Any

from domain.acts import AttendanceTold, ConsentTold, DecisionAnswered, EnrolmentTold, PaymentTold, StatusTold
from domain.vocabulary import Consent, OperatorAnswer
from ingest.act_bodies import (
    AcceptanceBody,
    ActBody,
    AnswerBody,
    AttendanceBody,
    ConsentBody,
    CorrectionBody,
    EnrolmentBody,
    ExecutionBody,
    PaymentBody,
    RejectionBody,
    StatusBody,
)
from ingest.intake import Intake, Origin, accept
from ingest.normalise import Seal, Stamp, body_hash, maybe, moment
from runtime.keys import Keyring, household


def accept_consent(body: ConsentBody, origin: Origin, now: datetime, keys: Keyring) -> Intake:
    """The record of a consent as the family states it.

    Raises normalise.Implausible for its time, NotReady if a key cannot be had, keys.Erased if it was destroyed.
    """
    return accept(body, origin, now, keys, _consent)


def accept_correction(
    lead_id: str, body: CorrectionBody, origin: Origin, now: datetime, keys: Keyring
) -> Intake:
    """The record that undoes a refusal which was misread; raises the same."""
    return accept(body, origin, now, keys, partial(_correction, lead_id))


def accept_enrolment(body: EnrolmentBody, origin: Origin, now: datetime, keys: Keyring) -> Intake:
    """The record of an enrolment; raises the same."""
    return accept(body, origin, now, keys, _enrolment)


def accept_attendance(body: AttendanceBody, origin: Origin, now: datetime, keys: Keyring) -> Intake:
    """The record of a session that a child came to, or did not; raises the same."""
    return accept(body, origin, now, keys, _attendance)


def accept_payment(body: PaymentBody, origin: Origin, now: datetime, keys: Keyring) -> Intake:
    """The record of what came of a payment; raises the same."""
    return accept(body, origin, now, keys, _payment)


def accept_status(lead_id: str, body: StatusBody, origin: Origin, now: datetime, keys: Keyring) -> Intake:
    """The record of a status that an operator states; raises the same."""
    return accept(body, origin, now, keys, partial(_status, lead_id))


def accept_answer(
    lead_id: str, decision_id: str, body: AnswerBody, origin: Origin, now: datetime, keys: Keyring
) -> Intake:
    """The record of what an operator says to one decision of this household; raises the same."""
    return accept(body, origin, now, keys, partial(_answer, lead_id, decision_id))


def told(lead_id: str, body: ActBody, stamp: Stamp) -> dict[str, Any]:
    """What every act says: its id, whose it is and its times; raises Implausible."""
    return {
        "event_id": stamp.event_id,
        "lead_id": lead_id,
        "recorded_at": stamp.recorded_at,
        "occurred_at": moment(body.occurred_at, stamp),
    }


def _consent(body: ConsentBody, stamp: Stamp, seal: Seal) -> ConsentTold:
    home = household(body.lead_id)
    return ConsentTold(
        **told(body.lead_id, body, stamp),
        guardian_id=body.guardian_id,
        consent=Consent(body.consent),
        false_detection=False,
        reason=maybe(seal, home, "reason", body.reason),
        actor=stamp.actor,
        body_hash=body_hash(body, home, seal, "consent"),
    )


def _correction(lead_id: str, body: CorrectionBody, stamp: Stamp, seal: Seal) -> ConsentTold:
    home = household(lead_id)
    return ConsentTold(
        **told(lead_id, body, stamp),
        guardian_id=body.guardian_id,
        consent=Consent.CONTACTABLE,
        false_detection=True,
        reason=seal(home, "reason", body.reason),
        actor=stamp.actor,
        body_hash=body_hash(body, home, seal, "correction"),
    )


def _enrolment(body: EnrolmentBody, stamp: Stamp, seal: Seal) -> EnrolmentTold:
    home = household(body.lead_id)
    return EnrolmentTold(
        **told(body.lead_id, body, stamp),
        child_id=body.child_id,
        external_ref=maybe(seal, home, "external_ref", body.external_ref),
        body_hash=body_hash(body, home, seal, "enrolment"),
    )


def _attendance(body: AttendanceBody, stamp: Stamp, seal: Seal) -> AttendanceTold:
    home = household(body.lead_id)
    return AttendanceTold(
        **told(body.lead_id, body, stamp),
        child_id=body.child_id,
        attended=body.attended,
        external_ref=maybe(seal, home, "external_ref", body.external_ref),
        body_hash=body_hash(body, home, seal, "attendance"),
    )


def _payment(body: PaymentBody, stamp: Stamp, seal: Seal) -> PaymentTold:
    home = household(body.lead_id)
    return PaymentTold(
        **told(body.lead_id, body, stamp),
        outcome=body.outcome,
        external_ref=maybe(seal, home, "external_ref", body.external_ref),
        body_hash=body_hash(body, home, seal, "payment"),
    )


def _status(lead_id: str, body: StatusBody, stamp: Stamp, seal: Seal) -> StatusTold:
    home = household(lead_id)
    return StatusTold(
        **told(lead_id, body, stamp),
        status=body.status,
        kind=body.kind,
        reason=seal(home, "reason", body.reason),
        actor=stamp.actor,
        body_hash=body_hash(body, home, seal, "status"),
    )


def _answer(lead_id: str, decision_id: str, body: AnswerBody, stamp: Stamp, seal: Seal) -> DecisionAnswered:
    home, answer = household(lead_id), ANSWERS[type(body)]
    return DecisionAnswered(
        **told(lead_id, body, stamp),
        decision_id=decision_id,
        answer=answer,
        action=body.action if isinstance(body, ExecutionBody) else None,
        reason=seal(home, "reason", body.reason) if isinstance(body, RejectionBody) else None,
        note=maybe(seal, home, "note", body.note),
        actor=stamp.actor,
        body_hash=body_hash(body, home, seal, answer, decision_id),
    )


ANSWERS: dict[type[AnswerBody], OperatorAnswer] = {
    RejectionBody: OperatorAnswer.REJECTED,
    AcceptanceBody: OperatorAnswer.ACCEPTED,
    ExecutionBody: OperatorAnswer.EXECUTED,
}
"""What each body says."""
