"""X1: reminders that operators set, those that decisions bring, and what becomes of each."""

from dataclasses import replace
from datetime import datetime

import pytest

from domain.decisions import Answer
from domain.reminders import MOST
from domain.states import Lead, Reminder
from domain.vocabulary import (
    Channel,
    Consent,
    Intent,
    OperatorAnswer,
    Outcome,
    ReminderAnswer,
    Sentiment,
    Status,
    Told,
    Verdict,
)
from tests import given
from tests.answers import (
    on_answer,
    on_consent,
    on_interaction,
    on_lead,
    on_reminder,
    on_reminder_answer,
    on_status,
    on_time,
)

LEARNED = given.learned()
SNOOZED, DISMISSED, DONE = ReminderAnswer
MANUAL = "act-1"
SET, DUE = given.later(minutes=5), given.later(hours=3)


def created() -> Lead:
    return on_lead(None, given.lead(), given.NOON, LEARNED).lead


def bare() -> Lead:
    """Without the reminder of its decision."""
    return replace(created(), reminders=())


def in_force(lead: Lead) -> str:
    assert lead.in_force is not None
    return lead.in_force.decision_id


def asked(lead: Lead | None, due_at: datetime = DUE, ordinal: int = 1, **changes: str) -> Answer:
    return on_reminder(lead, given.reminder(SET, due_at, ordinal, **changes), SET, LEARNED)


def answered(
    lead: Lead | None, answer: ReminderAnswer, reminder_id: str = MANUAL, until: datetime | None = None
) -> Answer:
    at = given.later(hours=1)
    return on_reminder_answer(lead, given.remind(at, reminder_id, answer, 9, until), at, LEARNED)


def woken(lead: Lead, now: datetime) -> Answer:
    assert lead.due is not None
    return on_time(lead, lead.due, now, 7, LEARNED)


def ids(lead: Lead) -> list[str]:
    return [one.reminder_id for one in lead.reminders]


def test_x1_a_reminder_is_set_and_credited_to_the_decision_in_force() -> None:
    before = bare()

    answer = asked(before)

    assert answer.lead.reminders == (Reminder(MANUAL, DUE, in_force(before)),)
    assert (answer.decision.verdict, answer.decision.reason) == (Verdict.APPLIED, "reminder_set")
    assert (answer.decision.reminders, answer.transitions) == ((), ())
    assert answer.lead.in_force == before.in_force
    assert answer.lead.due == DUE
    assert not answer.lead.reminders[0].is_automatic


def test_x1_a_named_decision_goes_before_the_one_in_force() -> None:
    assert asked(bare(), decision_id="another").lead.reminders[0].decision_id == "another"


def test_x1_a_household_that_nobody_has_recorded_may_be_remembered() -> None:
    answer = asked(None)

    assert answer.lead.reminders == (Reminder(MANUAL, DUE, None),)
    assert answer.lead.in_force is None


def test_x1_one_whose_moment_is_past_is_due_at_once() -> None:
    answer = asked(bare(), SET)

    assert answer.decision.reminders == (MANUAL,)
    assert answer.lead.reminders[0].fired


def test_x1_no_household_has_more_than_twenty() -> None:
    lead = bare()
    for ordinal in range(MOST):
        lead = asked(lead, ordinal=ordinal).lead
    assert len(lead.reminders) == MOST == 20

    answer = asked(lead, ordinal=MOST)

    assert (answer.decision.verdict, answer.decision.reason) == (Verdict.NONE, "too_many_reminders")
    assert answer.lead.reminders == lead.reminders


def test_x1_a_tick_fires_a_reminder_once_and_it_stays_open() -> None:
    lead = asked(bare()).lead
    decision = lead.in_force

    answer = woken(lead, given.later(hours=4))

    assert (answer.decision.verdict, answer.decision.reason) == (Verdict.NONE, "reminder_due")
    assert (answer.decision.reminders, answer.transitions) == ((MANUAL,), ())
    assert answer.lead.in_force == decision
    assert answer.lead.reminders == (replace(lead.reminders[0], fired=True),)
    assert answer.lead.due == (decision.expires_at if decision else None), "a fired one wakes nobody again"
    later = woken(answer.lead, given.later(days=6))
    assert MANUAL not in later.decision.reminders
    assert MANUAL in ids(later.lead)


def test_x1_those_that_are_due_at_one_tick_fire_together_and_the_others_wait() -> None:
    lead = asked(asked(asked(bare(), ordinal=1).lead, DUE, 2).lead, given.later(hours=9), 3).lead

    answer = woken(lead, DUE)

    assert answer.decision.reminders == ("act-1", "act-2")
    assert [one.fired for one in answer.lead.reminders] == [True, True, False]


def test_x1_a_snoozed_one_fires_again_at_its_new_moment() -> None:
    fired = woken(asked(bare()).lead, DUE).lead
    until = given.later(hours=9)

    answer = answered(fired, SNOOZED, until=until)

    assert (answer.decision.verdict, answer.decision.reason) == (Verdict.APPLIED, "snoozed")
    assert answer.lead.reminders == (Reminder(MANUAL, until, in_force(fired)),)
    assert answer.decision.reminders == ()
    assert woken(answer.lead, until).decision.reminders == (MANUAL,)


def test_x1_one_snoozed_to_a_moment_that_is_past_is_due_with_it() -> None:
    answer = answered(asked(bare()).lead, SNOOZED, until=given.later(minutes=30))

    assert answer.decision.reminders == (MANUAL,)
    assert answer.lead.reminders[0].fired


def test_x1_a_dismissed_one_goes_and_nothing_was_done() -> None:
    lead = asked(created()).lead

    answer = answered(lead, DISMISSED)

    assert (answer.decision.verdict, answer.decision.reason) == (Verdict.APPLIED, "dismissed")
    assert ids(answer.lead) == [in_force(lead)]
    assert answer.lead.in_force == lead.in_force


def test_x1_what_is_done_was_carried_out_and_its_decision_reminds_no_more() -> None:
    lead = asked(created()).lead
    assert lead.in_force is not None

    answer = answered(lead, DONE)

    assert (answer.decision.verdict, answer.decision.reason) == (Verdict.APPLIED, "done")
    assert answer.lead.in_force == replace(lead.in_force, executed_action=lead.in_force.action)
    assert answer.lead.reminders == ()
    closed = on_interaction(answer.lead, given.text(given.later(hours=5)), given.later(hours=5), LEARNED)
    assert closed.transitions[0].executed_action == lead.in_force.action


@pytest.mark.parametrize("credited", ["another", None])
def test_x1_what_is_done_for_another_decision_carries_out_none_in_force(credited: str | None) -> None:
    lead = replace(created(), reminders=(Reminder(MANUAL, DUE, credited),))

    answer = answered(lead, DONE)

    assert answer.lead.in_force == lead.in_force
    assert answer.lead.reminders == ()


def test_x1_what_was_carried_out_otherwise_stays_as_it_was() -> None:
    at = given.later(minutes=30)
    act = given.act(at, in_force(created()), OperatorAnswer.EXECUTED, action="info_send")
    lead = asked(on_answer(created(), act, at, LEARNED).lead).lead

    answer = answered(lead, DONE)

    assert answer.lead.in_force is not None
    assert answer.lead.in_force.executed_action == "info_send"


@pytest.mark.parametrize("answer", ReminderAnswer)
def test_x1_what_is_not_open_changes_nothing(answer: ReminderAnswer) -> None:
    lead = answered(asked(created()).lead, DISMISSED).lead
    for household in (lead, None):
        again = answered(household, answer, until=given.later(days=1))
        assert (again.decision.verdict, again.decision.reason) == (Verdict.ALREADY, "reminder_not_open")
        assert again.lead.reminders == (household.reminders if household else ())


def test_x1_a_decision_brings_its_own_for_its_moment_and_takes_it_along() -> None:
    first = on_lead(None, given.lead(), given.NOON, LEARNED)
    scheduled, decision_id = first.decision.scheduled_for, first.decision.decision_id
    assert scheduled is not None
    assert first.lead.reminders == (Reminder(decision_id, scheduled, decision_id),)
    assert first.lead.reminders[0].is_automatic

    second = on_interaction(asked(first.lead).lead, given.text(SET), SET, LEARNED)

    assert ids(second.lead) == [MANUAL, second.decision.decision_id]


def test_x1_one_whose_moment_is_now_is_born_fired() -> None:
    at = given.later(hours=1)
    message = given.text(at, extraction=given.said(Intent.SCHEDULING, Sentiment.POSITIVE))

    answer = on_interaction(created(), message, at, LEARNED)

    decision_id = answer.decision.decision_id
    assert (answer.decision.action, answer.decision.scheduled_for) == ("scheduling_push", at)
    assert answer.decision.reminders == (decision_id,)
    assert answer.lead.reminders == (Reminder(decision_id, at, decision_id, fired=True),)
    assert woken(answer.lead, given.later(days=9)).decision.reminders[:1] != (decision_id,)


def test_x1_a_decision_without_a_contact_brings_none() -> None:
    at = given.later(hours=1)
    answer = on_consent(created(), given.consent(at, Consent.OPTED_OUT), at, LEARNED)

    assert answer.decision.scheduled_for is None
    assert answer.lead.reminders == ()


def test_x1_an_executed_decision_reminds_no_more_but_what_was_asked_stays() -> None:
    lead, at = asked(created()).lead, given.later(hours=1)
    act = given.act(at, in_force(lead), OperatorAnswer.EXECUTED, 9, action="info_send")
    assert ids(on_answer(lead, act, at, LEARNED).lead) == [MANUAL]

    sent = given.contact(at, channel=Channel.SMS, outcome=Outcome.COMPLETED, decision_id=in_force(lead))
    assert ids(on_interaction(lead, sent, at, LEARNED).lead) == [MANUAL]


def test_x1_a_family_that_declined_is_remembered_still() -> None:
    at = given.later(hours=1)
    told = given.status(at, Status.DECLINED, Told.OBSERVED, 9)
    lead = on_status(asked(created()).lead, told, at, LEARNED).lead
    assert (lead.status, ids(lead)) == (Status.DECLINED, [MANUAL])

    answer = woken(lead, DUE)

    assert answer.decision.reminders == (MANUAL,)
    assert answer.lead.in_force == lead.in_force


def test_x1_a_reminder_and_an_expiry_at_one_tick_are_one_answer() -> None:
    lead = created()
    assert lead.in_force is not None
    assert lead.in_force.expires_at is not None
    expires = lead.in_force.expires_at
    lead = asked(replace(lead, reminders=()), expires).lead

    answer = woken(lead, expires)

    assert answer.decision.verdict is Verdict.DECISION
    assert answer.decision.reminders[0] == MANUAL
    assert [one.kind for one in answer.transitions] == ["expiry"]
    assert answer.lead.sequence == lead.sequence + 1
    assert next(one for one in answer.lead.reminders if one.reminder_id == MANUAL).fired
