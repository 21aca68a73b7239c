"""The history of a learned value: what the decisions in its state have recorded of it.

The topic of values forgets all but the last of each; decisions are kept for ever, each with every value it went by.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    DateTime,
    RowMapping,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH

from domain.decisions import LIVE
from projections.api.outcome_queries import Window
from projections.tables import decisions

_TIME = DateTime(timezone=True)


def points(
    connection: Connection, table_id: str, pair: tuple[str, str], window: Window, count: int, now: datetime
) -> Iterator[RowMapping]:
    """At each of so many moments the last decision before it that the live values were asked for, each once.

    The window begins with the first decision in the state where it has no beginning, and ends now. A seek of the
    index a moment, however many decisions there are.
    """
    state, action = pair
    begin = window.since or connection.scalar(
        select(func.min(decisions.c.decided_at)).where(*_in_state(decisions.c, state))
    )
    end = window.until or now
    if begin is None or begin >= end:
        return
    step = (end - begin) / (count - 1)
    given = {
        "moments": [*(begin + number * step for number in range(count - 1)), end],
        "action": {"action": action},
    }
    seen = None
    for row in connection.execute(_chosen(table_id, state, begin), given).mappings():
        if row["decision_id"] != seen and row["value"] is not None:
            yield row
        seen = row["decision_id"]


def _chosen(table_id: str, state: str, begin: datetime) -> Any:
    moments = (
        func.unnest(bindparam("moments", type_=ARRAY(_TIME)))
        .table_valued(column("at", _TIME), name="moment")
        .render_derived()
    )
    row = decisions.c
    of_action = cast("$[*] ? (@.action == $action)", JSONPATH)
    last = (
        select(
            row.decision_id,
            row.decided_at,
            row.record["table_version"].as_integer().label("table_version"),
            func.jsonb_path_query_first(
                row.record["actions"], of_action, bindparam("action", type_=JSONB), type_=JSONB
            ).label("value"),
        )
        .where(
            *_in_state(row, state),
            row.decided_at <= moments.c.at,
            row.decided_at >= begin,
            row.record["table_id"].as_string() == table_id,
            row.record["mode"].as_string() == LIVE,
            row.record["override"].as_string().is_(None),
        )
        .order_by(row.decided_at.desc())
        .limit(1)
        .lateral("last")
    )
    return select(last).select_from(moments).join(last, true()).order_by(moments.c.at)


def _in_state(row: Any, state: str) -> tuple[ColumnElement[bool], ...]:
    """As the index of decisions by state has them; its condition must stand as it is, or the index is not used."""
    return row.state == state, row.verdict == literal_column("'decision'")
