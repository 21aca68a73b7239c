"""Decisions over HTTP: the one in force, a lead's history, and one by its id, each with its draft."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Connection, Engine, RowMapping

from projections.api import context_queries, decision_texts, erasure_queries, queries
from projections.api.academy import UNNAMED, Academy
from projections.api.after import seen
from projections.api.asked import DecisionId, HistoryAsked, LeadId
from projections.api.cursors import LABEL, Cursors
from projections.api.decision import DecisionPage, DecisionView
from projections.api.opening import Opener, prepared
from projections.api.reading import absent, missing, reading
from projections.api.tags import Fresh, Freshness
from projections.api.views import MISSING
from runtime.deriving import DerivingKeyring
from runtime.keys import Keyring
from runtime.tokens import Scope
from runtime.web import needs
from schemas.sealed import Unopenable


def router(engine: Engine, keys: DerivingKeyring, academy: Academy = UNNAMED) -> APIRouter:
    """The routes over one database; `academy` is what drafts may promise."""
    reads = Decisions(engine, keys, academy, Cursors(keys.derived(LABEL)))
    routes = APIRouter(
        prefix="/api",
        tags=["read"],
        dependencies=[Depends(needs(Scope.READ)), Depends(seen(engine))],
        responses=MISSING,
    )
    routes.get("/nba/{lead_id}/current")(reads.get_current_decision)
    routes.get("/nba/{lead_id}/history")(reads.list_decisions)
    routes.get("/decisions/{decision_id}")(reads.get_decision)
    return routes


@dataclass(frozen=True, slots=True)
class Beside:
    """What a draft needs besides its decision: the household's row, and what was said, sealed."""

    household: RowMapping | None
    said: dict[str, Any]
    erased_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decisions:
    """The routes' functions; each takes one snapshot, and opens texts after it has let go of it."""

    engine: Engine
    keys: Keyring
    academy: Academy
    cursors: Cursors

    def get_current_decision(self, lead_id: LeadId, fresh: Freshness) -> DecisionView:
        """The decision in force, with every action's verdict, the brief and the draft."""
        with reading(self.engine) as connection:
            rows = queries.history(connection, lead_id, None, 1)
            if not rows or erasure_queries.is_erased(connection, lead_id):
                raise absent(connection, lead_id, "decision for this lead")
            beside = _beside(connection, lead_id, rows)
        self._unless_had(fresh, rows, beside)
        return self._shown(rows, beside)[0]

    def list_decisions(
        self, lead_id: LeadId, asked: Annotated[HistoryAsked, Query()], fresh: Freshness
    ) -> DecisionPage:
        """A lead's decisions, newest first."""
        before = asked.before(self.cursors, lead_id)
        with reading(self.engine) as connection:
            rows = queries.history(connection, lead_id, before, asked.limit + 1)
            shown = rows[: asked.limit]
            if queries.lead(connection, lead_id) is None:
                raise absent(connection, lead_id)
            beside = _beside(connection, lead_id, shown)
        self._unless_had(fresh, rows, beside)
        return DecisionPage(
            items=self._shown(shown, beside),
            next_cursor=asked.cursor_after(self.cursors, lead_id, shown[-1])
            if len(rows) > len(shown)
            else None,
        )

    def get_decision(self, decision_id: DecisionId, fresh: Freshness) -> DecisionView:
        """The complete record of one answer, its brief as text with the draft."""
        with reading(self.engine) as connection:
            row = queries.decision(connection, decision_id)
            rows = [row] if row else []
            beside = _beside(connection, row["lead_id"] if row else "", rows)
        if not rows:
            raise missing("decision")
        self._unless_had(fresh, rows, beside)
        return self._shown(rows, beside)[0]

    def _unless_had(self, fresh: Fresh, rows: Sequence[RowMapping], beside: Beside) -> None:
        fresh.unless_had(rows, beside.household, beside.said, beside.erased_at, self.academy.model_dump())

    def _shown(self, rows: Sequence[RowMapping], beside: Beside) -> list[DecisionView]:
        """Of one household."""
        if not rows:
            return []
        record_rows = beside.household["events"] if beside.household else None
        opener = Opener(prepared(self.keys, (record_rows, beside.said)), rows[0]["lead_id"])
        try:
            record = decision_texts.record_of(beside.household, opener) if beside.household else None
        except Unopenable:
            record = None  # a decision can be read without names; its draft does without them
        return [decision_texts.decision(row, record, beside.said, self.academy, opener) for row in rows]


def _beside(connection: Connection, lead_id: str, rows: Sequence[RowMapping]) -> Beside:
    """Asks nothing for verdicts, which have no draft."""
    if not any(row["record"]["brief"] for row in rows):
        return Beside(None, {})  # and no text that could be erased
    said = context_queries.extractions(connection, lead_id, decision_texts.named(rows))
    household = context_queries.household(connection, lead_id)
    return Beside(household, said, queries.erased_at(connection))
