"""The statements of a what-if besides those of a context pack; each runs in the caller's one snapshot."""

import msgspec
from sqlalchemy import Connection, select

from domain.parameters import Parameters
from domain.policies import Learned
from domain.q_learning import Row, Values
from domain.snapshots import Snapshot, frozen
from projections.tables import learning_tables, policies, q_table

IN_FORCE = "parameters"
"""Key of the parameters in force; a key with a version keeps that one."""
SNAPSHOT = "snapshot"
"""Before the version in the key of each frozen table."""


def learned(connection: Connection) -> Learned | None:
    """The parameters in force and their table as of its last whole commit; None before the first start is over."""
    record = connection.execute(
        select(policies.c.record).where(policies.c.key == IN_FORCE)
    ).scalar_one_or_none()
    if record is None:
        return None
    parameters = msgspec.convert(record, Parameters)
    values = _values(connection, parameters.table_id)
    return None if values is None else Learned(values, parameters, _snapshots(connection))


def _snapshots(connection: Connection) -> dict[int, Values]:
    """The frozen tables, by version (P1)."""
    chosen = select(policies.c.record).where(policies.c.policy_id == SNAPSHOT)
    found = (msgspec.convert(record, Snapshot) for record in connection.execute(chosen).scalars())
    return {each.version: frozen(each) for each in found}


def _values(connection: Connection, table_id: str) -> Values | None:
    """The table; its rate's power is not in the views, and only learning asks for it."""
    table = connection.execute(
        select(learning_tables).where(learning_tables.c.table_id == table_id)
    ).one_or_none()
    if table is None:
        return None
    rows: dict[str, dict[str, Row]] = {}
    for one in connection.execute(select(q_table).where(q_table.c.table_id == table_id)):
        row = Row(one.q, one.visits, one.pseudo_visits, one.reward_sum, one.version)
        rows.setdefault(one.state, {})[one.action] = row
    return Values(table_id, table.version, table.alpha, table.gamma, rows)
