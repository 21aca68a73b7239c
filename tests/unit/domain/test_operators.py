"""S5 and R3: an operator's word on a decision counts once, and never against compliance."""

import pytest
from hypothesis import given as such_that
from hypothesis import strategies as st

from domain.actions import ACTIONS
from domain.decisions import Answer
from domain.masks import sentence
from domain.states import Lead
from domain.vocabulary import OperatorAnswer, OptOut, Verdict
from tests import given
from tests.answers import on_answer, on_interaction, on_lead

LEARNED = given.learned()
REJECTED, ACCEPTED, EXECUTED = OperatorAnswer


def created() -> Lead:
    return on_lead(None, given.lead(), given.NOON, LEARNED).lead


def in_force(lead: Lead) -> str:
    assert lead.in_force is not None
    return lead.in_force.decision_id


def answered(lead: Lead, answer: OperatorAnswer, hours: float = 1, **changes: str) -> Answer:
    wanted = changes.pop("decision_id", None) or in_force(lead)
    at = given.later(hours=hours)
    return on_answer(lead, given.act(at, wanted, answer, int(hours * 10), **changes), at, LEARNED)


def test_r3_a_rejection_teaches_once_and_masks_the_action_for_seven_days() -> None:
    before = created()

    answer = answered(before, REJECTED)

    (transition,) = answer.transitions
    assert (transition.kind, transition.reward) == ("rejection", -0.2)
    assert transition.to_state == transition.from_state
    assert "warm_follow_up" not in transition.next_actions
    assert transition.next_actions
    assert not transition.terminal
    assert answer.decision.verdict is Verdict.DECISION
    assert answer.decision.reason == "rejected"
    assert answer.decision.action != "warm_follow_up"
    (refused,) = (one for one in answer.decision.actions if one.action == "warm_follow_up")
    assert (refused.allowed, refused.reason) == (False, "rejected")
    assert "operator" in sentence("rejected")

    later = on_interaction(answer.lead, given.text(given.later(days=8)), given.later(days=8), LEARNED)
    assert next(one for one in later.decision.actions if one.action == "warm_follow_up").allowed


def test_s5_two_rejections_of_one_decision_teach_once() -> None:
    before = created()
    first = answered(before, REJECTED)

    again = answered(first.lead, REJECTED, 2, decision_id=in_force(before))

    assert again.decision.verdict is Verdict.ALREADY
    assert again.transitions == ()
    assert again.lead.in_force == first.lead.in_force


def test_s5_a_decision_that_is_over_is_superseded() -> None:
    before = created()
    next_one = on_interaction(before, given.text(given.later(hours=1)), given.later(hours=1), LEARNED)

    for answer in OperatorAnswer:
        act = answered(next_one.lead, answer, 2, decision_id=in_force(before))
        assert act.decision.verdict is Verdict.SUPERSEDED
        assert act.transitions == ()


def test_s5_a_decision_of_nobody_is_unknown() -> None:
    act = answered(created(), REJECTED, decision_id="of-another-lead")

    assert (act.decision.verdict, act.decision.reason) == (Verdict.NONE, "decision_unknown")


def test_s5_accepted_and_executed_apply_once_and_change_no_decision() -> None:
    before = created()
    accepted = answered(before, ACCEPTED)
    assert accepted.decision.verdict is Verdict.APPLIED
    assert answered(accepted.lead, ACCEPTED, 2).decision.verdict is Verdict.ALREADY

    executed = answered(accepted.lead, EXECUTED, 3, action="info_send")
    assert executed.decision.verdict is Verdict.APPLIED
    assert answered(executed.lead, EXECUTED, 4, action="info_send").decision.verdict is Verdict.ALREADY
    assert in_force(executed.lead) == in_force(before)


def test_d3_the_proposal_is_credited_whatever_was_executed_instead() -> None:
    executed = answered(created(), EXECUTED, action="info_send")

    closed = on_interaction(executed.lead, given.text(given.later(hours=5)), given.later(hours=5), LEARNED)

    (transition,) = closed.transitions
    assert (transition.action, transition.executed_action) == ("warm_follow_up", "info_send")


def test_a5_no_operator_rejects_a_refusal_of_the_family() -> None:
    refused = on_interaction(
        created(), given.text(given.later(hours=1), opt_out=OptOut.YES), given.later(hours=1), LEARNED
    )

    act = answered(refused.lead, REJECTED, 2)

    assert (act.decision.verdict, act.decision.reason) == (Verdict.NONE, "override_stands")
    assert act.lead.in_force == refused.lead.in_force


@such_that(st.integers(1, 40))
def test_r3_something_is_left_to_do_after_any_number_of_rejections(times: int) -> None:
    lead = created()
    for ordinal in range(times):
        answer = answered(lead, REJECTED, 1 + ordinal / 10)
        lead = answer.lead
        assert answer.decision.action in ACTIONS
        assert sum(one.probability for one in answer.decision.actions) == pytest.approx(1)
        assert lead.in_force is not None
        assert all(one.terminal is False for one in answer.transitions if one.kind == "rejection")
