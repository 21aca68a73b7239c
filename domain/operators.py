"""What an operator says to a decision: rejected, accepted or executed, each once (S5, R3)."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.acts_enriched import AnswerEnriched
from domain.credit import closed
from domain.decisions import Answer, decide, verdict
from domain.overrides import override
from domain.policies import Learned
from domain.reminders import carried_out
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
    if event.answer is OperatorAnswer.EXECUTED:
        after = carried_out(before, event.action or decision.action)
    else:
        after = replace(before, in_force=replace(decision, accepted=True))
    said = Verdict.ALREADY if after.in_force == decision else Verdict.APPLIED
    return verdict(after, cause, said, event.answer.value, learned)


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
