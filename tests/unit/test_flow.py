"""The main flow in memory: every transform chained, one household's story from first call to stop."""

import pytest

from decider.service import build as build_decider
from decider.tables import POLICIES, Q_TABLE, learned
from domain.acts import Recorded
from domain.events import InteractionRecorded, Tick, TickEnriched
from domain.offers import InteractionOffered, Offered
from domain.q_learning import Values
from domain.records import Decision
from domain.states import Lead
from domain.vocabulary import Channel, Direction, Outcome, ReminderAnswer, Verdict
from extractor.service import build as build_extractor
from ingest.inbox import build as build_inbox
from learner.service import build as build_learner
from runtime.driver import Driver, Written
from runtime.global_table import Staging
from runtime.transform import Message
from schemas.codec import encode
from schemas.sealed import seal
from schemas.topics import TICK_KEY
from tests import given
from tests.keyring import MemoryKeys


class Flow:
    """`inbox` or `interactions` in; ingest, extractor, decider and learner each over one partition."""

    def __init__(self) -> None:
        self.keys = MemoryKeys()
        self.values, self.policies = Staging(Q_TABLE), Staging(POLICIES)
        self.policies.add("parameters", given.PARAMETERS, strict=True)
        self.inbox = Driver(build_inbox(self.keys))
        self.extractor = Driver(build_extractor(self.keys))
        self.decider = Driver(
            build_decider(lambda: learned(self.values.view, self.policies.view)), lambda: self.values.versions
        )
        self.learner = Driver(build_learner())
        self._learn(self.learner.send("default", given.TABLE))

    def send(self, event: Recorded | Tick) -> list[Written]:
        """One event through everything; returns what the extractor, the decider and the learner wrote."""
        key = TICK_KEY if isinstance(event, Tick) else event.lead_id
        written = self.extractor.send(key, event)
        for enriched in [each for each in written if each.topic == "enriched"]:
            written += self.decider.send(enriched.key, enriched.value)
        for transition in [each for each in written if each.topic == "transitions"]:
            written += self._learn(self.learner.send(transition.key, transition.value))
        return written

    def offer(self, said: Offered, hours: float) -> Decision:
        """The one answer to what an upstream system put on `inbox`, which the broker has at that hour."""
        data = encode("inbox", said)
        (told,) = self.inbox.send_bytes(said.lead_id.encode(), data, given.later(hours=hours))
        return self.decide(told.value)

    def decide(self, event: Recorded | Tick) -> Decision:
        """The one answer to an event."""
        (answer,) = [each.value for each in self.send(event) if each.topic == "decisions"]
        assert isinstance(answer, Decision)
        return answer

    def _learn(self, written: list[Written]) -> list[Written]:
        for row in written:
            if row.topic == "q-table":
                self.values.add(row.key, row.value, strict=True)
        assert not self.values.broken
        return written

    def table(self) -> Values:
        return self.values.view["default"]

    def call(self, hours: float, ordinal: int, words: str) -> Recorded:
        return self._contact(hours, ordinal, words, channel=Channel.VOICE, direction=Direction.OUTBOUND)

    def sms(
        self, hours: float, ordinal: int, words: str, direction: Direction = Direction.INBOUND
    ) -> InteractionRecorded:
        return self._contact(hours, ordinal, words, channel=Channel.SMS, direction=direction)

    def _contact(self, hours: float, ordinal: int, words: str, **changes: object) -> InteractionRecorded:
        event = given.recorded(given.later(hours=hours), ordinal, **changes)
        key = self.keys.of("fam-1/g/g1")
        return given.recorded(
            event.recorded_at, ordinal, transcript=seal(key, event.event_id, "transcript", words), **changes
        )


def test_one_story_from_the_first_record_to_the_opt_out() -> None:
    flow = Flow()

    first = flow.decide(given.recorded_lead())
    assert (first.action, first.state) == ("warm_follow_up", "new:neutral")

    called = flow.decide(
        flow.call(
            24,
            1,
            "Coach: Hi, would Jake like to try a class?\nParent: Yes, can we book a visit for Saturday?",
        )
    )
    assert called.state == "trial:scheduling_intent"
    assert called.action == "scheduling_push"
    assert called.supersedes == first.decision_id
    row = flow.table().row("new:neutral", "warm_follow_up")
    assert row.visits == 1
    assert row.reward_sum == pytest.approx(0.1 + 0.4 + 0.7)
    assert called.table_version == 0, "a decision need not see what its own event taught"

    sent = flow.decide(flow.sms(25, 2, "See you Saturday at ten!", Direction.OUTBOUND))
    assert (sent.verdict, sent.reason) == (Verdict.NONE, "outbound_recorded")

    gone = flow.decide(flow.sms(50, 3, "please quit texting me"))
    assert (gone.action, gone.override, gone.sequence) == ("stop", "opted_out", 3)
    assert flow.table().row("trial:scheduling_intent", "scheduling_push").reward_sum == pytest.approx(-1.0)


def test_what_comes_by_kafka_is_answered_as_what_comes_by_http() -> None:
    flow = Flow()
    flow.decide(given.recorded_lead())
    message = InteractionOffered(
        event_id=None,
        lead_id="fam-1",
        occurred_at=given.later(hours=2),
        channel=Channel.SMS,
        direction=Direction.INBOUND,
        outcome=Outcome.COMPLETED,
        duration_s=None,
        guardian_id="g1",
        decision_id=None,
        external_ref=None,
        transcript="please quit texting me",
    )

    gone = flow.offer(message, hours=3)

    assert (gone.action, gone.override) == ("stop", "opted_out")
    assert gone.decided_at == given.later(hours=3)


def test_silence_expires_by_a_tick_and_only_by_a_tick() -> None:
    flow = Flow()
    first = flow.decide(given.recorded_lead())
    assert first.expires_at is not None

    early = flow.send(Tick(given.later(hours=30)))
    late = flow.send(Tick(given.later(days=6)))

    (due,) = [each.value for each in early if each.topic in ("decisions", "transitions")]
    assert (due.verdict, due.reason, due.reminders) == (Verdict.NONE, "reminder_due", (first.decision_id,))
    (transition,) = [each.value for each in late if each.topic == "transitions"]
    (decision,) = [each.value for each in late if each.topic == "decisions"]
    assert transition.kind == "expiry"
    assert transition.decision_id == first.decision_id
    assert decision.sequence == 2
    assert decision.decided_at == given.later(days=6)


def test_a_rejection_teaches_once_and_rests_the_action() -> None:
    flow = Flow()
    first = flow.decide(given.recorded_lead())

    refused = flow.decide(given.rejected(given.later(hours=1), first.decision_id))
    again = flow.decide(given.rejected(given.later(hours=2), first.decision_id, 2))

    assert (refused.verdict, refused.reason, refused.supersedes) == (
        Verdict.DECISION,
        "rejected",
        first.decision_id,
    )
    assert refused.action != first.action
    assert again.verdict is Verdict.ALREADY
    row = flow.table().row(first.state, str(first.action))
    assert row.visits == 1
    assert row.reward_sum == pytest.approx(-0.2)


def test_x1_a_reminder_is_set_fires_by_a_tick_and_is_done() -> None:
    flow = Flow()
    first = flow.decide(given.recorded_lead())
    asked = given.told_reminder(given.later(hours=1), due_at=given.later(hours=3))

    set_ = flow.decide(asked)
    early = flow.send(Tick(given.later(hours=2)))
    due = flow.decide(Tick(given.later(hours=3)))
    again = flow.send(Tick(given.later(hours=4)))
    done = flow.decide(given.told_remind(given.later(hours=5), asked.event_id, ReminderAnswer.DONE))
    late = flow.decide(given.told_remind(given.later(hours=6), asked.event_id, ReminderAnswer.DISMISSED, 9))

    assert (set_.verdict, set_.reason, set_.reminders) == (Verdict.APPLIED, "reminder_set", ())
    assert [each.topic for each in (*early, *again) if each.topic in ("decisions", "transitions")] == []
    assert (due.verdict, due.reason, due.reminders) == (Verdict.NONE, "reminder_due", (asked.event_id,))
    assert (done.verdict, done.reason) == (Verdict.APPLIED, "done")
    assert (late.verdict, late.reason) == (Verdict.ALREADY, "reminder_not_open")
    ended = [each.value for each in flow.send(Tick(given.later(days=6))) if each.topic == "transitions"]
    assert [(one.decision_id, one.executed_action) for one in ended] == [(first.decision_id, first.action)]


def test_a_tick_that_is_not_later_is_dropped() -> None:
    flow = Flow()
    flow.send(Tick(given.later(days=1)))

    assert [each.topic for each in flow.send(Tick(given.later(days=1))) if each.topic == "enriched"] == []


def test_an_id_seen_before_is_answered_and_teaches_nothing() -> None:
    flow = Flow()
    flow.decide(given.recorded_lead())
    missed = given.recorded(given.later(hours=2), 5, outcome=Outcome.NO_ANSWER)
    flow.decide(missed)
    version = flow.table().version

    again = flow.decide(missed)
    other = flow.decide(given.recorded(given.later(hours=3), 5, body_hash=b"another body"))

    assert again.verdict is Verdict.DUPLICATE
    assert other.verdict is Verdict.CONFLICT
    assert again.decision_id != other.decision_id
    assert flow.table().version == version


def test_everything_restarts_from_its_changelog() -> None:
    flow, calm = Flow(), Flow()
    for ordinal, each in enumerate((flow, calm)):
        each.decide(given.recorded_lead())
        if ordinal == 0:
            for driver in (each.extractor, each.decider, each.learner):
                driver.restart()
        each.send(Tick(given.later(days=6)))

    assert [each.value for each in flow.decider.log] == [each.value for each in calm.decider.log]
    assert [each.value for each in flow.learner.log] == [each.value for each in calm.learner.log]


@pytest.mark.parametrize(
    ("key", "data"),
    [
        (b"fam-1", b"not avro at all"),
        (b"fam-1", b"\x00\x00\x00\x00\x63anything"),
        (b"fam-1", None),
        (None, b"\x00"),
        (b"somebody else", b""),
    ],
)
def test_bad_bytes_become_a_dead_letter_and_the_flow_goes_on(key: bytes | None, data: bytes | None) -> None:
    flow = Flow()
    if data == b"\x00\x00\x00\x00\x63anything":
        data = b"\x00\x00\x00\x00\x00anything"

    (dead,) = [each for each in flow.extractor.send_bytes(key, data) if each.topic == "extractor.dead"]

    assert dead.value == data
    assert flow.decide(given.recorded_lead()).verdict is Verdict.DECISION


def test_ticks_in_one_batch_expire_as_ticks_one_by_one() -> None:
    calm, hasty = Flow().decider, Flow().decider
    ticks = [TickEnriched(given.later(hours=hours), hours) for hours in range(1, 24 * 14)]
    for decider in (calm, hasty):
        decider.send("fam-1", given.lead())
    for tick in ticks:
        calm.send(TICK_KEY, tick)

    for offset, tick in enumerate(ticks, 1):
        data = encode("enriched", tick)
        hasty.partition.take(Message("enriched", 0, offset, TICK_KEY.encode(), data, [], None))
    while hasty.partition.overdue:
        hasty.partition.wake(7)
    hasty.commit()

    def decided(decider: Driver[Lead]) -> list[Decision]:
        return [each.value for each in decider.log if each.topic == "decisions"]

    assert len(decided(calm)) >= 4
    assert decided(hasty) == decided(calm)
