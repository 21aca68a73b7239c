"""Every statement about what was learned, by name; each runs in the caller's transaction, which is one snapshot."""

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, select

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


def versions(connection: Connection) -> Sequence[RowMapping]:
    """Every version of every policy, newest first, and whether it is the one in force."""
    current = policies.alias("current")
    in_force = select(current.c.version).where(
        current.c.policy_id == policies.c.policy_id, current.c.is_current
    )
    chosen = select(policies, (policies.c.version == in_force.scalar_subquery()).label("in_force"))
    order = (policies.c.policy_id, policies.c.version.desc())
    return connection.execute(chosen.where(~policies.c.is_current).order_by(*order)).mappings().all()
