"""The views of learned values: a row a state and action, and each table's version from its markers."""

from collections.abc import Iterable
from typing import Any

from domain.q_learning import Marker, Row
from projections.tables import learning_tables, q_table
from runtime.transform import Record
from runtime.views import View


def from_rows(record: Record) -> Iterable[dict[str, Any]]:
    """One pair's value; its key names table, state and action."""
    row = record.value
    if isinstance(row, Row):
        table_id, state, action = record.key.split("|")
        yield {
            "table_id": table_id,
            "state": state,
            "action": action,
            "q": row.q,
            "visits": row.visits,
            "pseudo_visits": row.pseudo_visits,
            "reward_sum": row.reward_sum,
            "version": row.version,
        }


def from_markers(record: Record) -> Iterable[dict[str, Any]]:
    """The end of one commit; its key is the table."""
    marker = record.value
    if isinstance(marker, Marker):
        yield {
            "table_id": record.key,
            "version": marker.version,
            "alpha": marker.alpha,
            "gamma": marker.gamma,
        }


ROWS = View(q_table, {"q-table": from_rows})
TABLES = View(learning_tables, {"q-table": from_markers})
