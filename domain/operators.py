"""What an operator says to a decision: rejected, accepted or executed, each once (S5, R3)."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.acts import AnswerEnriched
from domain.credit import closed
from domain.decisions import Answer, decide, verdict
from domain.overrides import override
from domain.policies import Learned
from domain.states import InForce, Lead
from domain.transitions import Cause, Passage, rejecting
from domain.vocabulary import OperatorAnswer, Verdict


def on_answer(lead: Lead | None, event: AnswerEnriched, now: datetime, learned: Learned) -> Answer:
    """The verdict on an operator's act; a rejection that applies is answered by the next decision."""
    before = lead or Lead(event.lead_id)
    cause = Cause(event.cause_event_id, event.root_offset, now, event.occurred_at)
    decision = before.in_force
    if decision is None or decision.decision_id != event.decision_id:
        return _too_late(before, event, cause, learned)
    if event.answer is OperatorAnswer.REJECTED:
        return _rejected(before, decision, cause, learned)
    executed = event.action if event.answer is OperatorAnswer.EXECUTED else decision.executed_action
    accepted = decision.accepted or event.answer is OperatorAnswer.ACCEPTED
    noted = replace(decision, executed_action=executed, accepted=accepted)
    if noted == decision:
        return verdict(before, cause, Verdict.ALREADY, event.answer.value, learned)
    return verdict(replace(before, in_force=noted), cause, Verdict.APPLIED, event.answer.value, learned)


def _rejected(before: Lead, decision: InForce, cause: Cause, learned: Learned) -> Answer:
    if override(before) is not None:
        return verdict(before, cause, Verdict.NONE, "override_stands", learned)
    until = cause.now + timedelta(days=learned.parameters.rejection_days)
    still = {action: at for action, at in before.rejected.items() if at > cause.now}
    after = replace(before, rejected={**still, decision.action: until})
    taught = rejecting(Passage(before, after, cause, learned.parameters), decision)
    decided = decide(replace(after, past=taught.past), cause, learned, OperatorAnswer.REJECTED.value)
    return replace(decided, transitions=taught.transitions + decided.transitions)


def _too_late(lead: Lead, event: AnswerEnriched, cause: Cause, learned: Learned) -> Answer:
    """The decision is over, or was never this household's, or is older than what is remembered."""
    over = next((one for one in closed(lead.past) if one.decision_id == event.decision_id), None)
    if over is None:
        return verdict(lead, cause, Verdict.NONE, "decision_unknown", learned)
    twice = over.rejected and event.answer is OperatorAnswer.REJECTED
    said = Verdict.ALREADY if twice else Verdict.SUPERSEDED
    return verdict(lead, cause, said, event.answer.value, learned)
