"""What can be read over HTTP: leads, events, decisions and learned values."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from projections.api import answers, queries
from projections.api.asked import DecisionId, EventId, HistoryAsked, LeadId, LeadsAsked, ValuesAsked
from projections.api.decision import DecisionPage, DecisionView
from projections.api.views import (
    PROBLEM,
    InteractionView,
    LeadPage,
    LeadView,
    QTableView,
)
from runtime.keys import Keyring
from runtime.problems import Problem, invalid, unavailable
from runtime.tokens import Scope
from runtime.web import needs


def router(engine: Engine, keys: Keyring) -> APIRouter:
    """The routes over one database; they share nothing else."""
    reads = Reads(engine, keys)
    routes = APIRouter(prefix="/api", tags=["read"], dependencies=[Depends(needs(Scope.READ))])
    routes.get("/leads")(reads.list_leads)
    one = APIRouter(responses={404: PROBLEM | {"description": "Unknown here, or not yet."}})
    one.get("/leads/{lead_id}")(reads.get_lead)
    one.get("/interactions/{event_id}")(reads.get_interaction)
    one.get("/nba/{lead_id}/current")(reads.get_current_decision)
    one.get("/nba/{lead_id}/history")(reads.list_decisions)
    one.get("/decisions/{decision_id}")(reads.get_decision)
    one.get("/learning/q-table")(reads.get_q_table)
    routes.include_router(one)
    return routes


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One snapshot of the views.

    Raises the 503 problem while Postgres is away or slower than its limit, and 422 for what it cannot compare.
    """
    try:
        with engine.connect() as connection:
            yield connection
    except (OperationalError, PoolExhausted) as error:
        raise unavailable("Postgres is away or overloaded; the same request may be sent again.") from error
    except DataError as error:
        raise invalid(("query", "holds a value out of range")) from error


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
            raise _missing("lead")
        return answers.lead(row, current[0] if current else None, self.keys)

    def get_interaction(self, event_id: EventId) -> InteractionView:
        """What became of one event: what was said in it, what it moved and taught, and what was decided."""
        with reading(self.engine) as connection:
            rows = queries.interaction(connection, event_id)
            answer = queries.answer(connection, rows[0]) if rows else None
            closed = queries.transitions_of(connection, rows[0]["lead_id"], event_id) if rows else ()
        if not rows:
            raise _missing("event")
        return answers.interaction(rows, answer, closed, self.keys)

    def get_current_decision(self, lead_id: LeadId) -> DecisionView:
        """The decision in force, with every action's verdict and the brief."""
        with reading(self.engine) as connection:
            rows = queries.history(connection, lead_id, None, 1)
        if not rows:
            raise _missing("decision for this lead")
        return answers.decision(rows[0])

    def list_decisions(self, lead_id: LeadId, asked: Annotated[HistoryAsked, Query()]) -> DecisionPage:
        """A lead's decisions, newest first."""
        before = asked.before(lead_id)
        with reading(self.engine) as connection:
            rows = queries.history(connection, lead_id, before, asked.limit + 1)
            known = bool(rows) or queries.lead(connection, lead_id) is not None
        if not known:
            raise _missing("lead")
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
            raise _missing("decision")
        return answers.decision(row)

    def get_q_table(self, asked: Annotated[ValuesAsked, Query()]) -> QTableView:
        """Learned values, the best action of each state first."""
        with reading(self.engine) as connection:
            table = queries.learning_table(connection, asked.table)
            rows = queries.q_rows(connection, asked.table, asked.state)
        if table is None:
            raise _missing("learning table")
        return QTableView.model_validate({**table, "rows": [dict(row) for row in rows]})


def _missing(what: str) -> Problem:
    return Problem(404, "not-found", f"There is no such {what} here, or not yet.")
