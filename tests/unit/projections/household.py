"""The log of one household as the services would write it: told, sealed, enriched, decided, learned."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any, TypeVar

import msgspec

from decider.service import EFFECTS
from domain.acts import (
    AttendanceTold,
    ConsentTold,
    DecisionAnswered,
    EnrolmentTold,
    ErasureTold,
    PaymentTold,
    ReminderAnswered,
    ReminderSet,
    StatusTold,
)
from domain.acts_enriched import FromLead
from domain.decisions import Answer, answered
from domain.events import (
    Child,
    Guardian,
    InteractionEnriched,
    InteractionRecorded,
    LeadEnriched,
    LeadPatched,
    LeadRecorded,
    Repeated,
    Sealed,
    Tick,
    derived_id,
)
from domain.extraction import Extraction, Fact, Finances, Objection, Scheduling, skipped, with_texts
from domain.policies import Learned
from domain.q_learning import NO_VALUES, Marker, changed, fold
from domain.states import Lead
from domain.vocabulary import (
    Consent,
    ExtractionStatus,
    Intent,
    Level,
    OperatorAnswer,
    Payment,
    ReminderAnswer,
    Sentiment,
    Severity,
    Speaker,
    Status,
    Told,
    TopicClass,
    Verdict,
)
from extractor.forward import Forwarded, forward
from runtime.keys import Keyring, child, guardian, household
from runtime.transform import Record
from schemas.codec import decode, encode
from schemas.sealed import Key, new_key, seal
from tests import given
from tests.answers import on_interaction, on_lead, on_repeat, on_time
from tests.keyring import MemoryKeys

E = TypeVar("E", bound=Forwarded)
Rows = Callable[[Record], Iterable[dict[str, Any]]]

SAID: Extraction[str] = replace(
    skipped(ExtractionStatus.OK),
    adapter="offline",
    model="offline-1",
    summary="Mia would like to come, the fee worries them.",
    facts=(Fact("Mia plays tennis", "Mia plays tennis already", Speaker.FAMILY),),
    intent=Intent.CONSIDERING,
    sentiment=Sentiment.POSITIVE,
    open_questions=("Is there a beginners' class?",),
    financial_signals=Finances(Level.MODERATE, ("that is a lot for us",)),
    scheduling_constraints=Scheduling((), ("Saturday mornings",)),
    objections=(Objection("distance", TopicClass.DISTANCE, "far", Severity.LOW, False, "it is far"),),
)
"""What the story's call says."""

TRANSCRIPT = "Parent: Mia plays tennis already. Coach: Great. Parent: that is a lot for us."

REASON = "Dana says the coach promised a call on Tuesday"
NOTE = "ask for the sister, too"


class Ring(MemoryKeys):
    """Keys in memory under ids that tell whose they are; forgetting one is what erasure does."""

    def of(self, subject: str) -> Key:
        return self._keys.setdefault(subject, new_key(f"key-of-{subject}"))

    def forget(self, subject: str) -> None:
        del self._keys[subject]


class Story:
    """Tells one household's events and keeps the records of every topic, as the services would."""

    def __init__(self, keys: Keyring, lead_id: str = "fam-1", partition: int = 0, offset: int = 0) -> None:
        self.records: list[Record] = []
        self.answers: list[Answer] = []
        self._keys, self._lead_id, self._partition, self._offset = keys, lead_id, partition, offset
        self._lead: Lead | None = None
        self._learned = Learned(NO_VALUES, given.PARAMETERS)
        for number, key in enumerate(("parameters", "parameters|1")):
            self._put("policies", given.PARAMETERS, given.NOON, key, number)
        self._learn(given.TABLE)

    def of(self, topic: str) -> list[Record]:
        return [record for record in self.records if record.topic == topic]

    @property
    def learned(self) -> Learned:
        """The values and parameters as the log has left them."""
        return self._learned

    def record(self, at: datetime = given.NOON, name: str = "Dana Whitfield") -> LeadRecorded:
        """The household's record is created or replaced."""
        event_id = derived_id(self._lead_id, at.isoformat(), "record")
        event = given.recorded_lead(
            at,
            event_id=event_id,
            lead_id=self._lead_id,
            guardians=(Guardian("g1", self._sealed("g1", event_id, "name", name), None, None),),
            children=(Child("c1", self._childs(event_id, "Mia"), 9, None),),
            campaign_goal=None,
        )
        self._put("interactions", event, at)
        enriched = LeadEnriched(
            **self._passed_on(event),
            occurred_at=at,
            consents={adult.guardian_id: adult.consent for adult in event.guardians},
            children=len(event.children),
            time_zone=event.time_zone,
        )
        self._enriched(enriched, on_lead(self._lead, enriched, at, self._learned))
        return event

    def call(self, at: datetime, said: Extraction[str] = SAID, **changes: Any) -> InteractionRecorded:
        """A completed call, its transcript sealed by its guardian's key."""
        event_id = derived_id(self._lead_id, at.isoformat(), "call")
        event = given.recorded(at, event_id=event_id, lead_id=self._lead_id, **changes)
        event = replace(event, transcript=self._sealed("g1", event_id, "transcript", TRANSCRIPT))
        self._put("interactions", event, at)
        enriched = InteractionEnriched(
            **self._passed_on(event),
            occurred_at=at,
            channel=event.channel,
            direction=event.direction,
            outcome=event.outcome,
            guardian_id=event.guardian_id,
            decision_id=event.decision_id,
            opt_out=event.opt_out,
            extraction=with_texts(said, lambda field, text: self._sealed("g1", event_id, field, text)),
            buffered=event.buffered,
        )
        self._enriched(enriched, on_interaction(self._lead, enriched, at, self._learned))
        return event

    def repeat(self, event: InteractionRecorded | LeadRecorded, at: datetime, verdict: Verdict) -> None:
        """The same id once more, with whatever body `event` has now."""
        again = replace(event, recorded_at=at)
        self._put("interactions", again, at)
        passed_on = self._passed_on(again) | {
            "event_id": derived_id(self._lead_id, str(self._offset), "again")
        }
        repeated = Repeated(**passed_on, verdict=verdict)
        self._enriched(repeated, on_repeat(self._lead, repeated, at, self._learned))

    def patch(self, at: datetime, given_parts: dict[str, Any]) -> LeadPatched:
        """These parts of the record changed; guardians and children are given as names by id."""
        event_id = self._id(at, "patch")
        goal = given_parts.get("campaign_goal")
        return self.tell(
            LeadPatched(
                **self._happened(event_id, at),
                given=tuple(given_parts),
                guardians=tuple(
                    Guardian(who, self._sealed(who, event_id, "name", name), None, None)
                    for who, name in given_parts.get("guardians", {}).items()
                ),
                children=tuple(
                    Child(who, self._childs(event_id, name, who), None, None)
                    for who, name in given_parts.get("children", {}).items()
                ),
                time_zone=given_parts.get("time_zone"),
                campaign_goal=goal and self._household(event_id, "campaign_goal", goal),
            )
        )

    def consent(self, at: datetime, consent: Consent, **changes: Any) -> ConsentTold:
        """The household's consent, and why, in somebody's words."""
        event_id = self._id(at, "consent")
        return self.tell(
            replace(
                ConsentTold(
                    **self._happened(event_id, at),
                    guardian_id=None,
                    consent=consent,
                    false_detection=False,
                    reason=self._household(event_id, "reason", REASON),
                    actor="front-desk",
                ),
                **changes,
            )
        )

    def enrolment(self, at: datetime) -> EnrolmentTold:
        """The academy's records enrol the child."""
        event_id = self._id(at, "enrolment")
        ref = self._household(event_id, "external_ref", "ENR-1")
        return self.tell(EnrolmentTold(**self._happened(event_id, at), child_id="c1", external_ref=ref))

    def session(self, at: datetime, *, attended: bool = True) -> AttendanceTold:
        """The child came to a session, or did not."""
        event_id = self._id(at, "session")
        ref = self._household(event_id, "external_ref", "SES-1")
        happened = self._happened(event_id, at)
        return self.tell(AttendanceTold(**happened, child_id="c1", attended=attended, external_ref=ref))

    def payment(self, at: datetime, outcome: Payment) -> PaymentTold:
        """What came of a payment."""
        event_id = self._id(at, "payment")
        ref = self._household(event_id, "external_ref", "INV-1")
        return self.tell(PaymentTold(**self._happened(event_id, at), outcome=outcome, external_ref=ref))

    def status(self, at: datetime, to: Status, kind: Told = Told.OBSERVED) -> StatusTold:
        """An operator's word on the status."""
        event_id = self._id(at, "status")
        reason = self._household(event_id, "reason", REASON)
        return self.tell(
            StatusTold(
                **self._happened(event_id, at), status=to, kind=kind, reason=reason, actor="front-desk"
            )
        )

    def answer(
        self, at: datetime, answer: OperatorAnswer, decision_id: str | None = None, action: str | None = None
    ) -> DecisionAnswered:
        """An operator's word on a decision, by default the one in force."""
        event_id = self._id(at, "answer")
        in_force = self._lead.in_force if self._lead else None
        return self.tell(
            DecisionAnswered(
                **self._happened(event_id, at),
                decision_id=decision_id or (in_force.decision_id if in_force else ""),
                answer=answer,
                action=action,
                reason=self._household(event_id, "reason", REASON),
                note=self._household(event_id, "note", NOTE),
                actor="front-desk",
            )
        )

    def reminder(self, at: datetime, due_at: datetime) -> ReminderSet:
        """An operator asks to be reminded of the household."""
        event_id = self._id(at, "reminder")
        note, happened = self._household(event_id, "note", NOTE), self._happened(event_id, at)
        return self.tell(
            ReminderSet(**happened, due_at=due_at, decision_id=None, note=note, actor="front-desk")
        )

    def remind(
        self, at: datetime, reminder_id: str, answer: ReminderAnswer, until: datetime | None = None
    ) -> ReminderAnswered:
        """An operator's word on a reminder."""
        told = {**self._happened(self._id(at, "remind"), at), "actor": "front-desk"}
        return self.tell(ReminderAnswered(**told, reminder_id=reminder_id, answer=answer, until=until))

    def erase(self, at: datetime, subject: str | None = None) -> ErasureTold:
        """A person of the household, or all of it, is to be forgotten."""
        happened = self._happened(self._id(at, "erasure"), at)
        return self.tell(ErasureTold(**happened, subject=subject, actor="privacy"))

    def wake(self) -> None:
        """Time has come to what is due next."""
        assert self._lead is not None
        assert self._lead.due is not None
        due = self._lead.due
        self._answered(on_time(self._lead, due, due, self._offset, self._learned), due)

    def tell(self, event: E) -> E:
        """An event that is passed on as it was told."""
        self._put("interactions", event, event.recorded_at)
        enriched = forward(event, self._offset)
        done = EFFECTS[type(enriched)](self._lead, enriched, event.recorded_at, self._learned.parameters)
        self._enriched(enriched, answered(done, self._learned))
        return event

    def tick(self, at: datetime) -> None:
        self._put("interactions", Tick(at), at, key="!tick")

    def _enriched(self, event: FromLead | Repeated, answer: Answer) -> None:
        self._put("enriched", event, event.recorded_at)
        self._answered(answer, event.recorded_at)

    def _answered(self, answer: Answer, at: datetime) -> None:
        self._lead = answer.lead
        self.answers.append(answer)
        self._put("leads", answer.lead, at)
        for transition in answer.transitions:
            self._learn(transition)
        self._put("decisions", answer.decision, at)
        self._offset += 1

    def _learn(self, event: Any) -> None:
        version = len(self.of("transitions"))
        self._put("transitions", event, given.NOON, key="default", offset=version)
        before = self._learned.values
        after = fold(before, event, version)
        rows = list(changed(before, after))
        for state, action, row in rows:
            self._put("q-table", row, given.NOON, f"default|{state}|{action}", len(self.of("q-table")))
        marker = Marker(after.version, before.version, len(rows), after.alpha, after.gamma)
        self._put("q-table", marker, given.NOON, "default", len(self.of("q-table")))
        self._learned = Learned(after, self._learned.parameters)

    def _put(
        self, topic: str, value: Any, at: datetime, key: str | None = None, offset: int | None = None
    ) -> None:
        place = self._offset if offset is None else offset
        read = decode(topic, encode(topic, value))
        self.records.append(Record(topic, self._partition, place, key or self._lead_id, read, at))

    def _passed_on(self, event: InteractionRecorded | LeadRecorded) -> dict[str, Any]:
        return {
            "event_id": derived_id(self._lead_id, event.event_id, "enriched"),
            "cause_event_id": event.event_id,
            "lead_id": self._lead_id,
            "root_offset": self._offset,
            "recorded_at": event.recorded_at,
        }

    def _id(self, at: datetime, role: str) -> str:
        return derived_id(self._lead_id, at.isoformat(), role)

    def _happened(self, event_id: str, at: datetime) -> dict[str, Any]:
        return {
            "event_id": event_id,
            "lead_id": self._lead_id,
            "recorded_at": at,
            "occurred_at": at,
            "body_hash": event_id.encode()[:16],
        }

    def _household(self, event_id: str, field: str, text: str) -> Sealed:
        return seal(self._keys.of(household(self._lead_id)), event_id, field, text)

    def _sealed(self, guardian_id: str, event_id: str, field: str, text: str) -> Sealed:
        return seal(self._keys.of(guardian(self._lead_id, guardian_id)), event_id, field, text)

    def _childs(self, event_id: str, name: str, child_id: str = "c1") -> Sealed:
        return seal(self._keys.of(child(self._lead_id, child_id)), event_id, "name", name)


def told(keys: Keyring) -> Story:
    """A record, a call the next day, the same call once more, and a tick."""
    story = Story(keys)
    story.record()
    event = story.call(given.later(days=1))
    story.repeat(event, given.later(days=1, minutes=1), Verdict.DUPLICATE)
    story.tick(given.later(days=2))
    return story


def acted(keys: Keyring, lead_id: str = "fam-1", partition: int = 0) -> Story:
    """The household's record, then every other kind of event but an interaction, an hour apart."""
    story = Story(keys, lead_id, partition)
    story.record()
    story.patch(
        given.later(hours=1), {"children": {"c1": "Mia", "c2": "Benedict"}, "campaign_goal": "summer camp"}
    )
    story.answer(given.later(hours=2), OperatorAnswer.REJECTED)
    story.enrolment(given.later(hours=3))
    story.session(given.later(hours=3, minutes=20))
    story.payment(given.later(hours=3, minutes=40), Payment.MISSED)
    story.status(given.later(hours=4), Status.TRIAL, Told.CORRECTION)
    story.consent(given.later(hours=5), Consent.OPTED_OUT)
    return story


def rows_of(function: Rows, records: list[Record]) -> list[dict[str, Any]]:
    """What a row function makes of records, in order, events in it as a column of JSON holds them."""
    made = [row for record in records for row in function(record)]
    return [msgspec.to_builtins(row, builtin_types=(datetime, date)) for row in made]
