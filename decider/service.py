"""Enriched events to decisions and transitions: each input is answered once, from state and learned values."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from decider.tables import POLICIES, Q_TABLE, learned
from domain.acts import (
    AnswerEnriched,
    AttendanceEnriched,
    ConsentEnriched,
    EnrolmentEnriched,
    PaymentEnriched,
    StatusEnriched,
)
from domain.answers import on_interaction, on_lead, on_repeat, on_time
from domain.decisions import Answer
from domain.events import InteractionEnriched, LeadEnriched, LeadPatchEnriched, Repeated
from domain.membership import on_attendance, on_payment
from domain.operators import on_answer
from domain.policies import Learned
from domain.statements import on_consent, on_enrolment, on_status
from domain.states import Lead
from runtime.global_table import GlobalTable
from runtime.service import run
from runtime.settings import Settings
from runtime.transform import Output, Record, Transform, Wake, WholeState


def handle(
    tables: Callable[[], Learned], state: Lead | None, record: Record | Wake
) -> tuple[Lead | None, tuple[Output, ...]]:
    """Answer one input; a tick has no state and no answer, only wakes."""
    answer = _answer(state, record, tables())
    if answer is None:
        return state, ()
    decided = Output("decisions", record.key, answer.decision)
    taught = tuple(Output("transitions", each.table_id, each) for each in answer.transitions)
    return answer.lead, (*taught, decided)


ANSWERS: dict[type, Callable[[Lead | None, Any, datetime, Learned], Answer]] = {
    LeadEnriched: on_lead,
    LeadPatchEnriched: on_lead,
    InteractionEnriched: on_interaction,
    ConsentEnriched: on_consent,
    EnrolmentEnriched: on_enrolment,
    AttendanceEnriched: on_attendance,
    PaymentEnriched: on_payment,
    StatusEnriched: on_status,
    AnswerEnriched: on_answer,
    Repeated: on_repeat,
}
"""How each input is answered; time itself is not one of them, only the wakes that it releases."""


def _answer(state: Lead | None, record: Record | Wake, tables: Learned) -> Answer | None:
    if isinstance(record, Wake):
        return on_time(state, record.due, record.now, record.root_offset, tables) if state else None
    answer = ANSWERS.get(type(record.value))
    return answer(state, record.value, record.now, tables) if answer else None


def build(tables: Callable[[], Learned]) -> Transform[Lead]:
    """`enriched` into `decisions` and `transitions`, with the households' state in `leads`."""
    return Transform(
        name="decider",
        sources=("enriched",),
        changelog="leads",
        handle=partial(handle, tables),
        changes=WholeState(),
        due=lambda lead: lead.due,
    )


def main() -> None:
    """Run until asked to stop."""
    settings = Settings()
    values, policies = GlobalTable(Q_TABLE, settings), GlobalTable(POLICIES, settings)
    run(lambda: build(lambda: learned(values.view, policies.view)), settings, (values, policies))
