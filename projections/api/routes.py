"""What can be read over HTTP: leads, events and decisions."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Engine

from projections.api import answers, queries
from projections.api.after import seen
from projections.api.asked import DecisionId, EventId, HistoryAsked, LeadId, LeadsAsked, TimelineAsked
from projections.api.decision import DecisionPage, DecisionView
from projections.api.reading import missing, reading
from projections.api.views import MISSING, InteractionView, LeadPage, LeadView, TimelinePage
from runtime.keys import Keyring
from runtime.tokens import Scope
from runtime.web import needs


def router(engine: Engine, keys: Keyring) -> APIRouter:
    """The routes over one database; they share nothing else."""
    reads = Reads(engine, keys)
    routes = APIRouter(prefix="/api", tags=["read"], dependencies=[Depends(needs(Scope.READ))])
    shown = [Depends(seen(engine))]
    routes.get("/leads", dependencies=shown)(reads.list_leads)
    one = APIRouter(responses=MISSING, dependencies=shown)
    one.get("/leads/{lead_id}")(reads.get_lead)
    one.get("/leads/{lead_id}/timeline")(reads.list_timeline)
    one.get("/interactions/{event_id}")(reads.get_interaction)
    one.get("/nba/{lead_id}/current")(reads.get_current_decision)
    one.get("/nba/{lead_id}/history")(reads.list_decisions)
    one.get("/decisions/{decision_id}")(reads.get_decision)
    routes.include_router(one)
    return routes


@dataclass(frozen=True, slots=True)
class Reads:
    """The routes' functions; each takes one snapshot, and opens texts after it has let go of it."""

    engine: Engine
    keys: Keyring

    def list_leads(self, asked: Annotated[LeadsAsked, Query()]) -> LeadPage:
        """Households, latest first, and how many there are of each status under the other filters."""
        after = asked.after()
        with reading(self.engine) as connection:
            rows = queries.page(connection, asked.filters, asked.sort, after, asked.limit + 1)
            counts = queries.counts(connection, asked.filters)
        shown = rows[: asked.limit]
        return LeadPage(
            items=[answers.summary(row, self.keys) for row in shown],
            counts=counts,
            next_cursor=asked.cursor_after(shown[-1]) if len(rows) > len(shown) else None,
        )

    def get_lead(self, lead_id: LeadId) -> LeadView:
        """One household: record, status, consent, state, what the family has said, and the decision in force."""
        with reading(self.engine) as connection:
            row = queries.lead(connection, lead_id)
            current = queries.history(connection, lead_id, None, 1)
        if row is None:
            raise missing("lead")
        return answers.lead(row, current[0] if current else None, self.keys)

    def list_timeline(self, lead_id: LeadId, asked: Annotated[TimelineAsked, Query()]) -> TimelinePage:
        """What happened with a household and what came of it: events, transitions and decisions, newest first."""
        before = asked.before(lead_id)
        with reading(self.engine) as connection:
            rows = queries.timeline(connection, lead_id, before, asked.limit + 1)
            known = bool(rows) or queries.lead(connection, lead_id) is not None
        if not known:
            raise missing("lead")
        shown = rows[: asked.limit]
        return TimelinePage(
            items=[answers.item(row, self.keys) for row in shown],
            next_cursor=asked.cursor_after(lead_id, shown[-1]) if len(rows) > len(shown) else None,
        )

    def get_interaction(self, event_id: EventId) -> InteractionView:
        """What became of one event: what was said in it, what it moved and taught, and what was decided."""
        with reading(self.engine) as connection:
            rows = queries.interaction(connection, event_id)
            answer = queries.answer(connection, rows[0]) if rows else None
            closed = queries.transitions_of(connection, rows[0]["lead_id"], event_id) if rows else ()
        if not rows:
            raise missing("event")
        return answers.interaction(rows, answer, closed, self.keys)

    def get_current_decision(self, lead_id: LeadId) -> DecisionView:
        """The decision in force, with every action's verdict and the brief."""
        with reading(self.engine) as connection:
            rows = queries.history(connection, lead_id, None, 1)
        if not rows:
            raise missing("decision for this lead")
        return answers.decision(rows[0])

    def list_decisions(self, lead_id: LeadId, asked: Annotated[HistoryAsked, Query()]) -> DecisionPage:
        """A lead's decisions, newest first."""
        before = asked.before(lead_id)
        with reading(self.engine) as connection:
            rows = queries.history(connection, lead_id, before, asked.limit + 1)
            known = bool(rows) or queries.lead(connection, lead_id) is not None
        if not known:
            raise missing("lead")
        shown = rows[: asked.limit]
        return DecisionPage(
            items=[answers.decision(row) for row in shown],
            next_cursor=asked.cursor_after(lead_id, shown[-1]) if len(rows) > len(shown) else None,
        )

    def get_decision(self, decision_id: DecisionId) -> DecisionView:
        """The complete record of one answer, its brief as text."""
        with reading(self.engine) as connection:
            row = queries.decision(connection, decision_id)
        if row is None:
            raise missing("decision")
        return answers.decision(row)
