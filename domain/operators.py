"""What an operator says to a decision: rejected, accepted or executed, each once (S5, R3)."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.acts_enriched import AnswerEnriched
from domain.credit import closed
from domain.effects import Effect, Noted, Reopened
from domain.overrides import override
from domain.parameters import Parameters
from domain.reminders import carried_out
from domain.states import InForce, Lead
from domain.transitions import Cause, Passage, rejecting
from domain.vocabulary import OperatorAnswer, Verdict


def on_answer(lead: Lead | None, event: AnswerEnriched, now: datetime, parameters: Parameters) -> Effect:
    """The verdict on an operator's act; a rejection that applies is answered by the next decision."""
    before = lead or Lead(event.lead_id)
    cause = Cause(event.cause_event_id, event.root_offset, now, event.occurred_at)
    decision = before.in_force
    if decision is None or decision.decision_id != event.decision_id:
        return _too_late(before, event, cause)
    if event.answer is OperatorAnswer.REJECTED:
        return _rejected(before, decision, cause, parameters)
    if event.answer is OperatorAnswer.EXECUTED:
        after = carried_out(before, event.action or decision.action)
    else:
        after = replace(before, in_force=replace(decision, accepted=True))
    said = Verdict.ALREADY if after.in_force == decision else Verdict.APPLIED
    return Noted(after, cause, said, event.answer.value)


def _rejected(before: Lead, decision: InForce, cause: Cause, parameters: Parameters) -> Effect:
    if override(before) is not None:
        return Noted(before, cause, Verdict.NONE, "override_stands")
    until = cause.now + timedelta(days=parameters.rejection_days)
    still = {action: at for action, at in before.rejected.items() if at > cause.now}
    after = replace(before, rejected={**still, decision.action: until})
    passage = Passage(before, after, cause, parameters)
    return Reopened(passage, rejecting(passage, decision), OperatorAnswer.REJECTED.value)


def _too_late(lead: Lead, event: AnswerEnriched, cause: Cause) -> Effect:
    """The decision is over, or was never this household's, or is older than what is remembered."""
    over = next((one for one in closed(lead.past) if one.decision_id == event.decision_id), None)
    if over is None:
        return Noted(lead, cause, Verdict.NONE, "decision_unknown")
    twice = over.rejected and event.answer is OperatorAnswer.REJECTED
    said = Verdict.ALREADY if twice else Verdict.SUPERSEDED
    return Noted(lead, cause, said, event.answer.value)
