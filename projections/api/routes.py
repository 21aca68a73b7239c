"""What can be read over HTTP: leads, events and decisions."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.routing import APIRoute
from sqlalchemy import Engine
from starlette.requests import Request

from projections.api import (
    answers,
    erasure_queries,
    queries,
    queue_queries,
    reminder_queries,
    timeline_queries,
)
from projections.api.after import seen
from projections.api.asked import (
    EventId,
    LeadId,
    LeadsAsked,
    QueueAsked,
    RemindersAsked,
    TimelineAsked,
)
from projections.api.by_status import by_status
from projections.api.cursors import LABEL, Cursors
from projections.api.filters import narrowed
from projections.api.opening import prepared
from projections.api.reading import absent, missing, reading
from projections.api.reminder_views import ReminderPage
from projections.api.searched import Token
from projections.api.statements import built, fetched
from projections.api.tags import HAD_LIMIT, Fresh, Freshness
from projections.api.views import MISSING, InteractionView, LeadPage, LeadView, QueuePage, TimelinePage
from projections.api.workers import Workers
from projections.connections import size
from runtime.deriving import DerivingKeyring
from runtime.keys import Keyring
from runtime.quick import QuickRoute
from runtime.tokens import Scope
from runtime.web import caller, needs

LEAD_READ = tuple(
    built(one) for one in (queries.LEAD, queries.IN_FORCE, reminder_queries.of_lead(), queries.RECORDS)
)
"""What one household is read by: itself, its decision, its reminders and its record."""

_PLAIN_ID = re.compile(r"[A-Za-z0-9._-]{1,200}")  # as ids are as a rule


def _now() -> datetime:
    return datetime.now(UTC)


def routers(
    engine: Engine, keys: DerivingKeyring, token: Token, now: Callable[[], datetime] = _now
) -> list[APIRouter | APIRoute]:
    """The routes over one database; they share nothing else. `now` says what is due, `token` what is searched."""
    reads = Reads(engine, keys, Cursors(keys.derived(LABEL)), token, now, Workers(size(engine)))
    allowed, shown = [Depends(needs(Scope.READ))], [Depends(seen(engine))]
    routes = APIRouter(prefix="/api", tags=["read"], dependencies=allowed)
    routes.get("/leads", dependencies=shown, response_model=LeadPage)(reads.list_leads)
    routes.get("/queue", dependencies=shown, response_model=QueuePage)(reads.list_queue)
    routes.get("/reminders", dependencies=shown, response_model=ReminderPage)(reads.list_reminders)
    one = APIRouter(responses=MISSING, dependencies=shown)
    one.get("/leads/{lead_id}/timeline", response_model=TimelinePage)(reads.list_timeline)
    one.get("/interactions/{event_id}", response_model=InteractionView)(reads.get_interaction)
    routes.include_router(one)
    lead = QuickRoute(
        "/api/leads/{lead_id}",
        reads.get_lead,
        reads.usual_lead,
        response_model=LeadView,
        responses=MISSING,
        dependencies=[*allowed, *shown],
        tags=["read"],
        operation_id="get_lead",
    )
    return [lead, routes]


@dataclass(frozen=True, slots=True)
class Reads:
    """The routes' functions; each takes one snapshot, and opens texts after it has let go of it."""

    engine: Engine
    keys: Keyring
    cursors: Cursors
    token: Token
    now: Callable[[], datetime]
    workers: Workers

    def list_leads(self, asked: Annotated[LeadsAsked, Query()], fresh: Freshness) -> Response:
        """Households, latest first, and how many there are of each status under the other filters."""
        after = asked.after(self.cursors)
        with reading(self.engine) as connection:
            filters = narrowed(connection, asked.filters(self.now(), self.token))
            rows = queries.page(connection, filters, asked.sort, after, asked.limit + 1)
            shown = rows[: asked.limit]
            events = queries.records(connection, shown)
            counts = by_status(connection, filters)
            fresh.unless_had(rows, list(events.items()), counts, queries.erased_at(connection))
        keys = prepared(self.keys, events)
        page = LeadPage(
            items=[answers.summary(row, events, keys) for row in shown],
            counts=counts,
            next_cursor=asked.cursor_after(self.cursors, shown[-1]) if len(rows) > len(shown) else None,
        )
        return fresh.answer(page)

    def list_queue(self, asked: Annotated[QueueAsked, Query()], fresh: Freshness) -> Response:
        """What an operator does next: open reviews, then reminders that are due, then decisions that are due."""
        after, now = asked.after(self.cursors), self.now()
        with reading(self.engine) as connection:
            rows = queue_queries.page(connection, now, after, asked.limit + 1)
            shown = rows[: asked.limit]
            events = queries.records(connection, shown)
            counts = queue_queries.counts(connection, now)
            fresh.unless_had(rows, list(events.items()), counts, queries.erased_at(connection))
        keys = prepared(self.keys, (events, [row.get("set_by") for row in shown]))
        page = QueuePage(
            items=[answers.queued(row, events, keys) for row in shown],
            counts=counts,
            next_cursor=asked.cursor_after(self.cursors, shown[-1]) if len(rows) > len(shown) else None,
        )
        return fresh.answer(page)

    def list_reminders(self, asked: Annotated[RemindersAsked, Query()], fresh: Freshness) -> Response:
        """Open reminders, the soonest first."""
        after, due = asked.after(self.cursors), asked.until(self.now())
        with reading(self.engine) as connection:
            rows = reminder_queries.page(connection, due, after, asked.limit + 1)
            shown = rows[: asked.limit]
            events = queries.records(connection, shown)
            fresh.unless_had(rows, list(events.items()), queries.erased_at(connection))
        keys = prepared(self.keys, (events, [row.get("set_by") for row in shown]))
        page = ReminderPage(
            items=[answers.reminded(row, events, keys) for row in shown],
            next_cursor=asked.cursor_after(self.cursors, shown[-1]) if len(rows) > len(shown) else None,
        )
        return fresh.answer(page)

    def get_lead(self, lead_id: LeadId, fresh: Freshness) -> Response:
        """One household: record, status, consent, state, what the family has said, reminders, the decision in force."""
        with reading(self.engine) as connection:
            if fresh.asked and (known := queries.lead_version(connection, lead_id)):
                fresh.unless_had(queries.version_of(known))
            found, current, reminders, records = fetched(connection, LEAD_READ, {"lead_id": lead_id})
            if not found:
                raise absent(connection, lead_id)
        fresh.unless_had(queries.version_of(found[0]))
        events = {(one["partition"], one["root_offset"]): one["recorded"] for one in records}
        keys = prepared(self.keys, (events, [one["set_by"] for one in reminders]))
        return fresh.answer(answers.lead(found[0], events, current[0] if current else None, reminders, keys))

    async def usual_lead(self, request: Request) -> Response | None:
        """The same for a caller that waits for nothing: without `Academy-After`."""
        lead_id, had = request.path_params["lead_id"], request.headers.get("if-none-match")
        if (
            "academy-after" in request.headers
            or not _PLAIN_ID.fullmatch(lead_id)
            or len(had or "") > HAD_LIMIT
        ):
            return None
        caller(request, Scope.READ)
        return await self.workers.run(self.get_lead, lead_id, Fresh(Response(), had))

    def list_timeline(
        self, lead_id: LeadId, asked: Annotated[TimelineAsked, Query()], fresh: Freshness
    ) -> Response:
        """What happened with a household and what came of it: events, transitions and decisions, newest first."""
        before = asked.before(self.cursors, lead_id)
        with reading(self.engine) as connection:
            rows = timeline_queries.timeline(connection, lead_id, before, asked.limit + 1)
            known = queries.lead(connection, lead_id) is not None
            if not known and (not rows or erasure_queries.is_erased(connection, lead_id)):
                raise absent(connection, lead_id)
            erased_at = queries.erased_at(connection)
        fresh.unless_had(rows, erased_at)
        shown = rows[: asked.limit]
        keys = prepared(self.keys, [(row["recorded"], row["extraction"]) for row in shown])
        page = TimelinePage(
            items=[answers.item(row, keys) for row in shown],
            next_cursor=asked.cursor_after(self.cursors, lead_id, shown[-1])
            if len(rows) > len(shown)
            else None,
        )
        return fresh.answer(page)

    def get_interaction(self, event_id: EventId, fresh: Freshness) -> Response:
        """What became of one event: what was said in it, what it moved and taught, and what was decided."""
        with reading(self.engine) as connection:
            rows = queries.interaction(connection, event_id)
            answer = queries.answer(connection, rows[0]) if rows else None
            cause = answer["cause_event_id"] if answer else event_id
            closed = queries.transitions_of(connection, rows[0]["lead_id"], cause) if rows else ()
            erased_at = queries.erased_at(connection)
        if not rows:
            raise missing("event")
        fresh.unless_had(rows, answer, closed, erased_at)
        keys = prepared(self.keys, [(row["recorded"], row["extraction"]) for row in rows])
        return fresh.answer(answers.interaction(rows, answer, closed, keys))
