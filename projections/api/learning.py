"""What was learned, over HTTP: values, the transitions that taught them, and the parameters."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Engine, RowMapping

from projections.api import learning_queries as queries
from projections.api import value_queries
from projections.api.asked import TransitionsAsked, ValuesAsked
from projections.api.cursors import LABEL, Cursors
from projections.api.learning_views import (
    PoliciesView,
    PolicyView,
    QTableView,
    SnapshotView,
    TransitionPage,
    TransitionView,
)
from projections.api.ledger_views import ValueHistoryView, ValuePoint
from projections.api.outcomes_asked import ValueHistoryAsked
from projections.api.reading import missing, reading
from projections.api.tags import Freshness
from projections.api.views import MISSING
from runtime.deriving import DerivingKeyring
from runtime.tokens import Scope
from runtime.web import needs


def router(engine: Engine, keys: DerivingKeyring) -> APIRouter:
    """The routes over one database."""
    learned = Learned(engine, Cursors(keys.derived(LABEL)))
    routes = APIRouter(prefix="/api/learning", tags=["learning"], dependencies=[Depends(needs(Scope.READ))])
    routes.get("/q-table", responses=MISSING)(learned.get_q_table)
    routes.get("/transitions")(learned.list_transitions)
    routes.get("/policies")(learned.list_policies)
    routes.get("/history")(learned.get_value_history)
    return routes


@dataclass(frozen=True, slots=True)
class Learned:
    """The routes' functions; each takes one snapshot."""

    engine: Engine
    cursors: Cursors

    def get_q_table(self, asked: Annotated[ValuesAsked, Query()], fresh: Freshness) -> QTableView:
        """Learned values, the best action of each state first."""
        with reading(self.engine) as connection:
            table = queries.learning_table(connection, asked.table)
            rows = queries.q_rows(connection, asked.table, asked.state)
            status = asked.state.partition(":")[0] if asked.state else None
            pooled = queries.pooled(connection, asked.table, status) if status else ()
        if table is None:
            raise missing("learning table")
        fresh.unless_had(table, rows, pooled)
        return QTableView.model_validate(
            {**table, "rows": [dict(row) for row in rows], "pooled": [dict(row) for row in pooled]}
        )

    def list_transitions(
        self, asked: Annotated[TransitionsAsked, Query()], fresh: Freshness
    ) -> TransitionPage:
        """What decisions led to, newest first; `state` is the one that the decision was taken in."""
        before = asked.before(self.cursors)
        with reading(self.engine) as connection:
            rows = queries.transitions_page(
                connection, asked.table, asked.lead_id, asked.state, before, asked.limit + 1
            )
        fresh.unless_had(rows)
        shown = rows[: asked.limit]
        return TransitionPage(
            items=[TransitionView(version=row["version"], **row["record"]) for row in shown],
            next_cursor=asked.cursor_after(self.cursors, shown[-1]) if len(rows) > len(shown) else None,
        )

    def get_value_history(self, asked: Annotated[ValueHistoryAsked, Query()]) -> ValueHistoryView:
        """One learned value over time, as the decisions in its state have recorded it."""
        pair, now = (asked.state, asked.action), datetime.now(UTC)
        with reading(self.engine) as connection:
            found = value_queries.points(connection, asked.table, pair, asked.window(), asked.points, now)
            points = [ValuePoint(**_known(row)) for row in found]
        return ValueHistoryView(table_id=asked.table, state=asked.state, action=asked.action, points=points)

    def list_policies(self, fresh: Freshness) -> PoliciesView:
        """Every version of the parameters and every snapshot, newest first, and which is in force."""
        with reading(self.engine) as connection:
            current = queries.in_force(connection)
            rows = queries.versions(connection, "parameters")
            snapshots = queries.versions(connection, "snapshot")
        fresh.unless_had(current, rows, snapshots)
        version = current["version"] if current else None
        champion = current["record"].get("champion") if current else None
        return PoliciesView(
            items=[_policy(row, in_force=row["version"] == version) for row in rows],
            snapshots=[_snapshot(row, champion=row["version"] == champion) for row in snapshots],
        )


def _known(row: RowMapping) -> dict[str, Any]:
    """Of a decision and its verdict on one action what a point shows."""
    found = {**row["value"], **row}
    return {name: found[name] for name in ValuePoint.model_fields}


def _policy(row: RowMapping, *, in_force: bool) -> PolicyView:
    return PolicyView.model_validate({**row, "parameters": row["record"], "in_force": in_force})


def _snapshot(row: RowMapping, *, champion: bool) -> SnapshotView:
    record = row["record"]
    return SnapshotView(
        version=row["version"],
        champion=champion,
        recorded_at=row["recorded_at"],
        table_id=record["table_id"],
        table_version=record["table_version"],
        width=record["width"],
        pairs=len(record["rows"]),
        visits=sum(each["visits"] for each in record["rows"]),
    )
