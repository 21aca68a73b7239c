"""What the academy's records say of its members: sessions and payments (S3, D1, D5)."""

from dataclasses import replace
from datetime import datetime

from domain.acts_enriched import AttendanceEnriched, PaymentEnriched
from domain.answers import moved, reopened
from domain.effects import Effect, Noted
from domain.moves import Cause as Move
from domain.moves import path
from domain.parameters import Parameters
from domain.states import Lead, Membership, Mention
from domain.transitions import Cause, Passage
from domain.vocabulary import Payment, Verdict


def on_attendance(
    lead: Lead | None, event: AttendanceEnriched, now: datetime, parameters: Parameters
) -> Effect:
    """A session that a child came to or missed; a second one missed in a row puts the family at risk."""
    before = lead or Lead(event.lead_id)
    known = before.membership or Membership()
    after = _with_session(known, event)
    lapsed = after is not known and after.missed_in_row >= parameters.missed_sessions
    move = Move.ATTENDED if event.attended else Move.MISSED_TWICE if lapsed else None
    return _effect(before, after, move, event, now, parameters)


def on_payment(lead: Lead | None, event: PaymentEnriched, now: datetime, parameters: Parameters) -> Effect:
    """A payment that came, was missed, or was given back; a missed one puts the family at risk."""
    before = lead or Lead(event.lead_id)
    known = before.membership or Membership()
    after = _with_payment(known, event)
    move = Move.MISSED_PAYMENT if after.owed and not known.owed else None
    return _effect(before, after, move, event, now, parameters)


def _effect(
    before: Lead,
    membership: Membership,
    move: Move | None,
    event: AttendanceEnriched | PaymentEnriched,
    now: datetime,
    parameters: Parameters,
) -> Effect:
    """A decision follows where status or signals changed; else the record of it closes nothing (D1, D5)."""
    cause = Cause(event.cause_event_id, event.root_offset, now, event.occurred_at)
    passed = path(before.status, (move,) if move else ())
    after = moved(replace(before, membership=membership), passed[-1], now, parameters)
    if len(passed) == 1 and _signals(before.membership) == _signals(membership):
        return Noted(after, cause, Verdict.NONE, "membership_recorded")
    return reopened(Passage(before, after, cause, parameters), passed)


def _signals(membership: Membership | None) -> tuple[bool, bool]:
    """Whether a session was missed since the last one attended, and whether a payment is open."""
    known = membership or Membership()
    return known.missed is not None, known.owed is not None


def _with_session(known: Membership, event: AttendanceEnriched) -> Membership:
    """A session older than the last known one says nothing new of how things stand."""
    if known.session_at is not None and event.occurred_at < known.session_at:
        return known
    missed = 0 if event.attended else known.missed_in_row + 1
    mention = Mention(event.cause_event_id, 1) if missed else None
    return replace(known, session_at=event.occurred_at, missed_in_row=missed, missed=mention)


def _with_payment(known: Membership, event: PaymentEnriched) -> Membership:
    """A payment older than the last known one says nothing new; money given back settles what was open."""
    if known.payment_at is not None and event.occurred_at < known.payment_at:
        return known
    missed = event.outcome is Payment.MISSED
    mention = (known.owed or Mention(event.cause_event_id, 1)) if missed else None
    return replace(known, payment_at=event.occurred_at, owed=mention)
