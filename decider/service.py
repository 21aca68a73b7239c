"""Enriched events to decisions and transitions: each input is answered once, from state and learned values."""

from collections.abc import Callable
from functools import partial

from decider.tables import POLICIES, Q_TABLE, learned
from domain.decisions import Answer, Learned, on_interaction, on_lead, on_repeat, on_time
from domain.events import InteractionEnriched, LeadEnriched, Repeated
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


def _answer(state: Lead | None, record: Record | Wake, tables: Learned) -> Answer | None:
    match record:
        case Wake(due=due, now=now, root_offset=root) if state is not None:
            return on_time(state, due, now, root, tables)
        case Record(value=LeadEnriched() as event, now=now):
            return on_lead(state, event, now, tables)
        case Record(value=InteractionEnriched() as event, now=now):
            return on_interaction(state, event, now, tables)
        case Record(value=Repeated() as event, now=now):
            return on_repeat(state, event, now, tables)
    return None


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
