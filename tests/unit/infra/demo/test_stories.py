"""The whole demo in memory: every family ends where its story says, and every rule it stands for is met."""

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from domain.credit import closed
from domain.events import ConversationEnriched
from domain.records import Decision
from domain.vocabulary import Flushed, Intent, ReviewKind, Verdict
from infra.demo import rules
from infra.demo.feed import Account
from infra.demo.report import digest, facts, most_changed
from infra.demo.story import families
from infra.invariants.catalogue import check
from tests.unit.infra.invariants.complete import complete

from .memory import MemoryStage, played

UNTIL = datetime(2026, 5, 1, 12, tzinfo=UTC)


@cache
def stage() -> MemoryStage:
    return played(UNTIL)


@cache
def account() -> Account:
    return stage().account


@pytest.mark.parametrize(
    "until", [UNTIL, datetime(2026, 12, 31, 9, 1, 2, tzinfo=UTC), datetime(2026, 3, 20, 3, tzinfo=UTC)]
)
def test_every_family_ends_where_its_story_says_whenever_it_is_played(until: datetime) -> None:
    found = facts(stage() if until == UNTIL else played(until), families(), until)

    assert [one for one in found["families"] if not one["as_told"]] == []
    assert len(found["families"]) >= 25


def test_a_family_that_ends_elsewhere_is_noticed() -> None:
    found = facts(stage(), families(), UNTIL)["families"][0]
    (told, *_) = families()
    told.ends["status"] = "declined"

    assert found["as_told"]
    assert not facts(stage(), (told,), UNTIL)["families"][0]["as_told"]


def test_s5_s6_d5_d7_r3_are_seen() -> None:
    seen = rules.seen(account())

    assert set(seen) == {"S5", "S6", "D5", "D7", "R3"}
    assert min(seen.values()) >= 1
    assert set(account().reviews) == set(ReviewKind)


def test_nothing_is_seen_where_nothing_was_played() -> None:
    assert set(rules.seen(Account()).values()) == {0}


def test_every_kind_of_transition_and_of_answer_is_seen() -> None:
    assert set(rules.kinds(account())) == {"organic", "expiry", "rejection", "late"}
    assert set(rules.answers(account())) == {
        verdict.value for verdict in Verdict if verdict not in (Verdict.CONFLICT, Verdict.ERASED)
    }


def test_d4_silence_expires_to_the_second_whatever_the_action_was() -> None:
    made = {one.decision_id: one for one in account().decisions}
    answers = {one.cause_event_id: one for one in account().decisions}
    expired = [one for one in account().transitions if one.kind == "expiry"]

    assert all(
        answers[one.cause_event_id].decided_at == made[str(one.decision_id)].expires_at for one in expired
    )
    assert {"wait", "warm_follow_up", "scheduling_push", "channel_switch"} <= {
        str(one.action) for one in expired
    }


def test_d7_the_late_enrolment_credits_the_decision_of_its_day() -> None:
    (late,) = [one for one in account().transitions if one.kind == "late" and one.lead_id == "fam-abernathy"]
    (credited,) = [one for one in account().decisions if one.decision_id == late.decision_id]

    assert credited.decided_at <= late.occurred_at < late.recorded_at
    assert late.reward == pytest.approx(1.7)
    past = {one.decision_id: one for one in closed(account().leads["fam-abernathy"].past)}
    assert past[credited.decision_id].earned == pytest.approx(1.7)


def test_s5_a_misreading_is_taken_back_in_full() -> None:
    for lead in ("fam-garza", "fam-holloway"):
        taught = [one for one in account().transitions if one.lead_id == lead]
        (wrong,) = [one for one in taught if one.reward == -1.0]
        (back,) = [one for one in taught if one.kind == "late"]
        assert (back.decision_id, back.reward) == (wrong.decision_id, 1.0)


def hops(lead: str) -> list[tuple[str, str]]:
    """Every step of status that a family took, in order."""
    taught = [one for one in account().transitions if one.lead_id == lead]
    return [(hop.from_status.value, hop.to_status.value) for one in taught for hop in one.hops]


def is_allowed(made: Decision, name: str) -> bool:
    return next(one.allowed for one in made.actions if one.action == name)


def test_s3_two_sessions_missed_in_a_row_and_one_attended_are_seen_in_the_status() -> None:
    steps = hops("fam-valdez")

    assert steps[-3:] == [("enrolled", "active"), ("active", "at_risk"), ("at_risk", "active")]
    made = account().made("fam-valdez")
    missed = [one for one in made if "missed_session" in {signal.signal for signal in one.signals}]
    assert [one.status for one in missed][:2] == ["active", "active"], "one alone moves nothing"
    assert [one for one in made if is_allowed(one, "reschedule_offer")] == missed
    assert "reschedule_offer" in {one.action for one in missed}


def test_s3_f2_a_missed_payment_puts_at_risk_and_is_spoken_of_only_as_help() -> None:
    made = account().made("fam-thorne")
    owing = [one for one in made if "payment_concern" in {signal.signal for signal in one.signals}]

    assert owing[0].state == "at_risk:financial_concern"
    assert owing[0].action == "scholarship_outreach"
    assert made.index(owing[-1]) == made.index(owing[0]) + len(owing) - 1
    settled = made[made.index(owing[-1]) + 1]
    assert (settled.status, settled.override) == ("at_risk", None), "paid is not yet back"
    assert made[-1].status == "active"


def test_a3_a_family_is_won_back_no_earlier_than_a_month_after_it_went() -> None:
    made = account().made("fam-marsh")
    gone = next(one for one in made if one.status == "inactive")
    offered = [one for one in made if is_allowed(one, "win_back_offer")]

    assert hops("fam-marsh")[-3:] == [
        ("enrolled", "active"),
        ("active", "at_risk"),
        ("at_risk", "inactive"),
    ]
    assert offered == [one for one in made if one.decided_at - gone.decided_at >= timedelta(days=30)]
    assert 0 < len(offered) < len([one for one in made if one.status == "inactive"])


def test_r3_the_rejected_action_rests_for_this_family() -> None:
    made = account().made("fam-novak")
    masked = {action.action for action in made[1].actions if action.reason == "rejected"}

    assert masked == {made[0].action}
    assert made[1].action not in masked


def test_x1_what_an_operator_asked_for_fires_once_and_is_done() -> None:
    answers = [one for one in account().decisions if one.lead_id == "fam-novak"]
    (asked,) = [one for one in answers if one.reason == "reminder_set"]
    (fired,) = [one for one in answers if asked.cause_event_id in one.reminders]
    (done,) = [one for one in answers if one.reason == "done"]

    assert fired.decided_at - asked.decided_at == timedelta(days=7)
    assert fired.decided_at < done.decided_at
    assert done.verdict is Verdict.APPLIED
    assert asked.cause_event_id not in {one.reminder_id for one in account().leads["fam-novak"].reminders}


def test_every_invariant_holds_over_the_story() -> None:
    results = check(complete(stage().history()))

    assert [violation for result in results for violation in result.violations] == []
    assert min(result.looked for result in results) > 300


def test_two_runs_are_one_run() -> None:
    again = played(UNTIL).account

    assert digest(again.decisions) == digest(account().decisions)
    assert digest(again.decisions[:-1]) != digest(account().decisions)


def test_what_changed_most_comes_first() -> None:
    found = most_changed(stage().values)
    moved = [abs(one.now - one.seed) for one in found]

    assert len(found) == 10
    assert moved == sorted(moved, reverse=True)
    assert min(moved) > 0


def test_t1_messages_of_a_conversation_are_read_together() -> None:
    enriched = [entry.value for entry in stage().history().readable("enriched")]
    talks = [event for event in enriched if isinstance(event, ConversationEnriched)]
    heard = [talk.extraction.intent for talk in talks if talk.lead_id == "fam-navarro"]

    assert heard == [Intent.REQUESTING_INFO, Intent.CONSIDERING, Intent.SCHEDULING]
    assert {talk.why for talk in talks} >= {Flushed.COUNT, Flushed.URGENT}
    assert len(talks) <= sum(len(talk.parts) for talk in talks) / 5
