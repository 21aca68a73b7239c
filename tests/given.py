"""Builders for tests: a household's events, open or sealed, with sensible defaults."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.acts import DecisionAnswered, ReminderAnswered, ReminderSet
from domain.acts_enriched import (
    AnswerEnriched,
    AttendanceEnriched,
    ConsentEnriched,
    EnrolmentEnriched,
    PaymentEnriched,
    ReminderAnsweredEnriched,
    ReminderSetEnriched,
    StatusEnriched,
)
from domain.events import (
    Guardian,
    InteractionEnriched,
    InteractionRecorded,
    LeadEnriched,
    LeadRecorded,
    Sealed,
)
from domain.extraction import Extraction, Finances, Objection, Signal, SignUp, skipped
from domain.parameters import Parameters
from domain.policies import Learned
from domain.q_learning import NO_VALUES, Values, fold
from domain.records import TableCreated, Transition
from domain.seeds import seeds
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
    ReminderAnswer,
    Sentiment,
    Severity,
    SignalClass,
    Status,
    Told,
    TopicClass,
)

NOON = datetime(2026, 9, 7, 17, 0, tzinfo=UTC)
"""A Monday, noon in Chicago."""

PARAMETERS = Parameters(version=1, recorded_at=NOON, enrolment_from="stated")
TABLE = TableCreated("table-1", "default", PARAMETERS.alpha, PARAMETERS.gamma, seeds(1), NOON)
WORDS = Sealed("key-1", "event-1", b"sealed")


def seeded() -> Values:
    """The learning table as it is created."""
    return fold(NO_VALUES, TABLE, 0)


def learned(**changes: Any) -> Learned:
    """The seeded table, and the parameters with some changed."""
    return Learned(seeded(), replace(PARAMETERS, **changes))


def later(**delta: float) -> datetime:
    """Some time after NOON."""
    return NOON + timedelta(**delta)


def lead(at: datetime = NOON, **changes: Any) -> LeadEnriched:
    """A household's record, enriched."""
    event = LeadEnriched(
        event_id="enriched-lead",
        cause_event_id="lead-1",
        lead_id="fam-1",
        root_offset=0,
        recorded_at=at,
        occurred_at=at,
        consents={"g1": Consent.CONTACTABLE},
        children=1,
        time_zone="America/Chicago",
    )
    return replace(event, **changes)


def said(
    intent: Intent = Intent.UNCLEAR, sentiment: Sentiment = Sentiment.NEUTRAL, **changes: Any
) -> Extraction[Sealed]:
    """What a transcript said: a stance, and whatever else the test is about."""
    nothing: Any = replace(skipped(ExtractionStatus.OK), intent=intent, sentiment=sentiment)
    changed: Extraction[Sealed] = replace(nothing, **changes)
    return changed


def contact(at: datetime = NOON, ordinal: int = 1, **changes: Any) -> InteractionEnriched:
    """A completed outbound call, unless changed; `ordinal` tells two apart."""
    event = InteractionEnriched(
        event_id=f"enriched-{ordinal}",
        cause_event_id=f"contact-{ordinal}",
        lead_id="fam-1",
        root_offset=ordinal,
        recorded_at=at,
        occurred_at=at,
        channel=Channel.VOICE,
        direction=Direction.OUTBOUND,
        outcome=Outcome.COMPLETED,
        guardian_id="g1",
        decision_id=None,
        opt_out=OptOut.NO,
        extraction=said(),
    )
    return replace(event, **changes)


def text(at: datetime = NOON, ordinal: int = 1, **changes: Any) -> InteractionEnriched:
    """An inbound SMS."""
    return contact(at, ordinal, channel=Channel.SMS, direction=Direction.INBOUND, **changes)


def missed_call(at: datetime = NOON, ordinal: int = 1, **changes: Any) -> InteractionEnriched:
    """An outbound call that nobody answered."""
    silent: Any = skipped()
    return contact(at, ordinal, outcome=Outcome.NO_ANSWER, extraction=silent, **changes)


def objection(topic: TopicClass, *, addressed: bool = False) -> Objection[Sealed]:
    """A reason against, of medium severity."""
    return Objection(WORDS, topic, WORDS, Severity.MEDIUM, addressed, WORDS)


def signal(kind: SignalClass, urgency: Level = Level.MODERATE) -> Signal[Sealed]:
    """An additional signal."""
    return Signal(WORDS, kind, WORDS, urgency, None, WORDS)


def worried(level: Level = Level.HIGH) -> Finances[Sealed]:
    """Financial signals with one mention."""
    return Finances(level, (WORDS,))


SIGNED_UP: SignUp[Sealed] = SignUp(value=True, quote=WORDS)


def recorded_lead(at: datetime = NOON, ordinal: int = 1, **changes: Any) -> LeadRecorded:
    """A household's record as ingest writes it."""
    event = LeadRecorded(
        event_id=f"lead-{ordinal}",
        lead_id="fam-1",
        recorded_at=at,
        occurred_at=at,
        guardians=(Guardian("g1", WORDS, WORDS, None),),
        children=(),
        time_zone="America/Chicago",
        campaign_goal=WORDS,
        body_hash=b"body-hash",
    )
    return replace(event, **changes)


def recorded(at: datetime = NOON, ordinal: int = 1, **changes: Any) -> InteractionRecorded:
    """A completed outbound call without a transcript, as ingest writes it."""
    event = InteractionRecorded(
        event_id=f"interaction-{ordinal}",
        lead_id="fam-1",
        recorded_at=at,
        occurred_at=at,
        channel=Channel.VOICE,
        direction=Direction.OUTBOUND,
        outcome=Outcome.COMPLETED,
        duration_s=120,
        guardian_id="g1",
        decision_id=None,
        external_ref=None,
        transcript=None,
        opt_out=OptOut.NO,
        urgent=False,
        classifier="opt-out-1",
        body_hash=b"body-hash",
    )
    return replace(event, **changes)


def rejected(at: datetime, decision_id: str, ordinal: int = 1) -> DecisionAnswered:
    """An operator's rejection as ingest writes it."""
    return DecisionAnswered(
        event_id=f"act-{ordinal}",
        lead_id="fam-1",
        recorded_at=at,
        occurred_at=at,
        decision_id=decision_id,
        answer=OperatorAnswer.REJECTED,
        action=None,
        reason=WORDS,
        note=None,
        actor="operator",
        body_hash=b"body-hash",
    )


def told_reminder(at: datetime, due_at: datetime) -> ReminderSet:
    """An operator asks to be reminded, as ingest writes it."""
    return ReminderSet(
        event_id="reminder-1",
        lead_id="fam-1",
        recorded_at=at,
        occurred_at=at,
        due_at=due_at,
        decision_id=None,
        note=WORDS,
        actor="operator",
        body_hash=b"body-hash",
    )


def told_remind(at: datetime, reminder_id: str, answer: ReminderAnswer, ordinal: int = 1) -> ReminderAnswered:
    """An operator's word on a reminder as ingest writes it."""
    return ReminderAnswered(
        event_id=f"remind-{ordinal}",
        lead_id="fam-1",
        recorded_at=at,
        occurred_at=at,
        reminder_id=reminder_id,
        answer=answer,
        until=None,
        actor="operator",
        body_hash=b"body-hash",
    )


def _told(at: datetime, ordinal: int) -> dict[str, Any]:
    return {
        "event_id": f"enriched-act-{ordinal}",
        "cause_event_id": f"act-{ordinal}",
        "lead_id": "fam-1",
        "root_offset": 100 + ordinal,
        "recorded_at": at,
        "occurred_at": at,
    }


def consent(at: datetime, wanted: Consent, ordinal: int = 1, **changes: Any) -> ConsentEnriched:
    """The household's consent as the family states it."""
    event = ConsentEnriched(**_told(at, ordinal), guardian_id=None, consent=wanted, false_detection=False)
    return replace(event, **changes)


def enrolment(at: datetime, ordinal: int = 1, **changes: Any) -> EnrolmentEnriched:
    """The academy's records say that a child is enrolled."""
    return replace(EnrolmentEnriched(**_told(at, ordinal)), **changes)


def attendance(at: datetime, ordinal: int = 1, *, attended: bool = True) -> AttendanceEnriched:
    """A session that a child came to, or did not."""
    return AttendanceEnriched(**_told(at, ordinal), attended=attended)


def payment(at: datetime, outcome: Payment, ordinal: int = 1) -> PaymentEnriched:
    """What came of a payment."""
    return PaymentEnriched(**_told(at, ordinal), outcome=outcome)


def status(at: datetime, to: Status, kind: Told, ordinal: int = 1, **changes: Any) -> StatusEnriched:
    """An operator's word on the status."""
    return replace(StatusEnriched(**_told(at, ordinal), status=to, kind=kind), **changes)


def act(
    at: datetime, decision_id: str, answer: OperatorAnswer, ordinal: int = 1, **changes: Any
) -> AnswerEnriched:
    """An operator's word on a decision."""
    event = AnswerEnriched(**_told(at, ordinal), decision_id=decision_id, answer=answer, action=None)
    return replace(event, **changes)


def reminder(at: datetime, due_at: datetime, ordinal: int = 1, **changes: Any) -> ReminderSetEnriched:
    """An operator asks to be reminded."""
    return replace(ReminderSetEnriched(**_told(at, ordinal), due_at=due_at, decision_id=None), **changes)


def remind(
    at: datetime, reminder_id: str, answer: ReminderAnswer, ordinal: int = 1, until: datetime | None = None
) -> ReminderAnsweredEnriched:
    """An operator's word on a reminder."""
    return ReminderAnsweredEnriched(**_told(at, ordinal), reminder_id=reminder_id, answer=answer, until=until)


def taught(state: str, action: str, reward: float) -> Transition:
    """What a decision of another household led to: the same state, and a reward."""
    return Transition(
        transition_id=f"transition-{state}-{action}",
        lead_id="fam-9",
        decision_id="decision-9",
        cause_event_id="contact-9",
        root_offset=0,
        table_id="default",
        kind="organic",
        from_state=state,
        action=action,
        hops=(),
        reward=reward,
        to_state=state,
        next_actions=(action,),
        terminal=False,
        elapsed_s=60.0,
        rewards_version=1,
        executed_action=None,
        policy_version=1,
        mode="live",
        arm="ucb",
        recorded_at=NOON,
        occurred_at=NOON,
    )
