"""Enriched events to decisions and transitions: each input is answered once, from state and learned values."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from decider.tables import POLICIES, Q_TABLE, learned
from domain.actions import ACTIONS
from domain.acts_enriched import (
    AnswerEnriched,
    AttendanceEnriched,
    ConsentEnriched,
    EnrolmentEnriched,
    ErasureEnriched,
    PaymentEnriched,
    ReminderAnsweredEnriched,
    ReminderSetEnriched,
    StatusEnriched,
)
from domain.answers import on_conversation, on_interaction, on_lead, on_repeat, on_time
from domain.decisions import Answer, answered
from domain.effects import Effect
from domain.erasure import after_erasure, on_erasure
from domain.events import (
    ConversationEnriched,
    InteractionEnriched,
    LeadEnriched,
    LeadPatchEnriched,
    Repeated,
    derived_id,
)
from domain.membership import on_attendance, on_payment
from domain.operators import on_answer
from domain.parameters import Parameters
from domain.policies import Learned
from domain.reminders import on_reminder, on_reminder_answer
from domain.rewards import is_listed
from domain.statements import on_consent, on_enrolment, on_status
from domain.states import Lead
from runtime.errors import Rejected
from runtime.global_table import GlobalTable
from runtime.service import run
from runtime.settings import Settings
from runtime.transform import Output, Record, Transform, Wake


def _check(event: Any) -> None:
    """Raises Rejected for an action that is none: the schema says no more than that it is a word."""
    if isinstance(event, AnswerEnriched) and event.action is not None and event.action not in ACTIONS:
        raise Rejected(f"an action is one of {', '.join(ACTIONS)}")


Unpriced = Callable[[str, str], None]
"""Hears of each step of status that no reward prices (R2)."""


def _unheard(_here: str, _there: str) -> None:
    """Nobody counts."""


def handle(
    tables: Callable[[], Learned], state: Lead | None, record: Record | Wake, unpriced: Unpriced = _unheard
) -> tuple[Lead | None, tuple[Output, ...]]:
    """Answer one input; a tick has no state and no answer, only wakes."""
    learned = tables()
    found = effect(state, record, learned.parameters)
    if found is None:
        return state, ()
    answer = answered(found, learned)
    for hop in (hop for each in answer.transitions for hop in each.hops):
        if not is_listed(hop, learned.parameters.rewards):
            unpriced(hop.from_status, hop.to_status)
    decided = Output("decisions", record.key, answer.decision)
    return answer.lead, (*_taught(answer, learned.parameters), decided)


def _taught(answer: Answer, parameters: Parameters) -> Iterator[Output]:
    """Each transition once for every table that learns from it, under an id of its own (L5)."""
    for transition in answer.transitions:
        yield Output("transitions", transition.table_id, transition)
        for table_id in parameters.also_teaches:
            copy = derived_id(transition.lead_id, transition.transition_id, table_id)
            yield Output("transitions", table_id, replace(transition, table_id=table_id, transition_id=copy))


EFFECTS: dict[type, Callable[[Lead | None, Any, datetime, Parameters], Effect]] = {
    LeadEnriched: on_lead,
    LeadPatchEnriched: on_lead,
    InteractionEnriched: on_interaction,
    ConversationEnriched: on_conversation,
    ConsentEnriched: on_consent,
    EnrolmentEnriched: on_enrolment,
    AttendanceEnriched: on_attendance,
    PaymentEnriched: on_payment,
    StatusEnriched: on_status,
    AnswerEnriched: on_answer,
    ReminderSetEnriched: on_reminder,
    ReminderAnsweredEnriched: on_reminder_answer,
    ErasureEnriched: on_erasure,
    Repeated: on_repeat,
}
"""What each input does; time itself is not one of them, only the wakes that it releases."""


def effect(state: Lead | None, record: Record | Wake, parameters: Parameters) -> Effect | None:
    """What a record or a wake does to its household; None for time itself. Raises Rejected."""
    if isinstance(record, Wake):
        return on_time(state, record.due, record.now, record.root_offset, parameters) if state else None
    found = EFFECTS.get(type(record.value))
    _check(record.value)
    if found is not None and state is not None and state.erased:
        return after_erasure(state, record.value, record.now, parameters)
    return found(state, record.value, record.now, parameters) if found else None


def build(tables: Callable[[], Learned], unpriced: Unpriced = _unheard) -> Transform[Lead]:
    """`enriched` into `decisions` and `transitions`, with the households' state in `leads`."""
    return Transform(
        name="decider",
        sources=("enriched",),
        changelog="leads",
        handle=partial(handle, tables, unpriced=unpriced),
        due=lambda lead: lead.due,
    )


def main() -> None:
    """Run until asked to stop."""
    settings = Settings()
    values, policies = GlobalTable(Q_TABLE, settings), GlobalTable(POLICIES, settings)
    run(
        lambda metrics: build(lambda: learned(values.view, policies.view), metrics.unpriced),
        settings,
        (values, policies),
    )
