"""Every statement about what was learned, by name; each runs in the caller's transaction, which is one snapshot."""

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, func, select

from domain.next_states import Next, ranked
from domain.q_learning import LATE
from projections.tables import learning_tables, policies, q_table, transitions


def learning_table(connection: Connection, table_id: str) -> RowMapping | None:
    """A learning table's version and constants."""
    chosen = select(learning_tables).where(learning_tables.c.table_id == table_id)
    return connection.execute(chosen).mappings().one_or_none()


def q_rows(connection: Connection, table_id: str, state: str | None) -> Sequence[RowMapping]:
    """A table's rows, the best action of each state first."""
    chosen = select(q_table).where(q_table.c.table_id == table_id)
    if state is not None:
        chosen = chosen.where(q_table.c.state == state)
    order = (q_table.c.state, q_table.c.q.desc(), q_table.c.action)
    return connection.execute(chosen.order_by(*order)).mappings().all()


def pooled(connection: Connection, table_id: str, status: str) -> Sequence[RowMapping]:
    """Each action's mean value over the buckets of a status, weighted by what is known, the best first (P5)."""
    known = q_table.c.visits + q_table.c.pseudo_visits
    mean = (func.sum(q_table.c.q * known) / func.sum(known)).label("q")
    chosen = select(
        q_table.c.action, mean, func.sum(q_table.c.visits).label("visits"), func.count().label("states")
    )
    mine = (
        q_table.c.table_id == table_id,
        q_table.c.state.startswith(f"{status}:", autoescape=True),
        known > 0,
    )
    grouped = chosen.where(*mine).group_by(q_table.c.action)
    return connection.execute(grouped.order_by(mean.desc(), q_table.c.action)).mappings().all()


def transitions_page(
    connection: Connection,
    table_id: str,
    lead_id: str | None,
    state: str | None,
    before: int | None,
    limit: int,
) -> Sequence[RowMapping]:
    """A table's transitions, newest first, its creation left out; `before` is a version."""
    chosen = select(transitions).where(
        transitions.c.table_id == table_id, transitions.c.kind != "table_created"
    )
    for column, value in ((transitions.c.lead_id, lead_id), (transitions.c.from_state, state)):
        if value is not None:
            chosen = chosen.where(column == value)
    if before is not None:
        chosen = chosen.where(transitions.c.version < before)
    return connection.execute(chosen.order_by(transitions.c.version.desc()).limit(limit)).mappings().all()


def versions(connection: Connection, policy_id: str) -> Sequence[RowMapping]:
    """Every version of the parameters or of the snapshots, newest first."""
    chosen = select(policies).where(policies.c.policy_id == policy_id, ~policies.c.is_current)
    return connection.execute(chosen.order_by(policies.c.version.desc())).mappings().all()


def in_force(connection: Connection) -> RowMapping | None:
    """The parameters in force."""
    return connection.execute(select(policies).where(policies.c.is_current)).mappings().one_or_none()


def next_states(connection: Connection, table_id: str, state: str, action: str) -> Sequence[Next]:
    """What followed an action in a state, the most frequent first; as `domain.next_states.counted` counts (L3)."""
    record = transitions.c.record
    followed = (
        transitions.c.to_state.label("to_state"),
        record["next_actions"].label("next_actions"),
        record["terminal"].label("terminal"),
    )
    chosen = select(
        *followed, func.count().label("times"), func.avg(record["elapsed_s"].as_float()).label("s")
    )
    mine = (
        transitions.c.table_id == table_id,
        transitions.c.from_state == state,
        transitions.c.action == action,
        transitions.c.kind != LATE,
    )
    rows = connection.execute(chosen.where(*mine).group_by(*followed)).all()
    return ranked(
        Next(row.to_state, tuple(row.next_actions), row.terminal, row.times, float(row.s)) for row in rows
    )
