"""What can be read over HTTP: leads, events and decisions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Engine

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
from projections.api.cursors import LABEL, Cursors
from projections.api.filters import narrowed
from projections.api.reading import absent, missing, reading
from projections.api.reminder_views import ReminderPage
from projections.api.searched import Token
from projections.api.tags import Freshness
from projections.api.views import MISSING, InteractionView, LeadPage, LeadView, QueuePage, TimelinePage
from runtime.deriving import DerivingKeyring
from runtime.keys import Keyring
from runtime.tokens import Scope
from runtime.web import needs


def _now() -> datetime:
    return datetime.now(UTC)


def router(
    engine: Engine, keys: DerivingKeyring, token: Token, now: Callable[[], datetime] = _now
) -> APIRouter:
    """The routes over one database; they share nothing else. `now` says what is due, `token` what is searched."""
    reads = Reads(engine, keys, Cursors(keys.derived(LABEL)), token, now)
    routes = APIRouter(prefix="/api", tags=["read"], dependencies=[Depends(needs(Scope.READ))])
    shown = [Depends(seen(engine))]
    routes.get("/leads", dependencies=shown)(reads.list_leads)
    routes.get("/queue", dependencies=shown)(reads.list_queue)
    routes.get("/reminders", dependencies=shown)(reads.list_reminders)
    one = APIRouter(responses=MISSING, dependencies=shown)
    one.get("/leads/{lead_id}")(reads.get_lead)
    one.get("/leads/{lead_id}/timeline")(reads.list_timeline)
    one.get("/interactions/{event_id}")(reads.get_interaction)
    routes.include_router(one)
    return routes


@dataclass(frozen=True, slots=True)
class Reads:
    """The routes' functions; each takes one snapshot, and opens texts after it has let go of it."""

    engine: Engine
    keys: Keyring
    cursors: Cursors
    token: Token
    now: Callable[[], datetime]

    def list_leads(self, asked: Annotated[LeadsAsked, Query()], fresh: Freshness) -> LeadPage:
        """Households, latest first, and how many there are of each status under the other filters."""
        after = asked.after(self.cursors)
        with reading(self.engine) as connection:
            filters = narrowed(connection, asked.filters(self.now(), self.token))
            rows = queries.page(connection, filters, asked.sort, after, asked.limit + 1)
            shown = rows[: asked.limit]
            events = queries.records(connection, shown)
            counts = queries.counts(connection, filters)
            fresh.unless_had(rows, list(events.items()), counts, queries.erased_at(connection))
        return LeadPage(
            items=[answers.summary(row, events, self.keys) for row in shown],
            counts=counts,
            next_cursor=asked.cursor_after(self.cursors, shown[-1]) if len(rows) > len(shown) else None,
        )

    def list_queue(self, asked: Annotated[QueueAsked, Query()], fresh: Freshness) -> QueuePage:
        """What an operator does next: open reviews, then reminders that are due, then decisions that are due."""
        after, now = asked.after(self.cursors), self.now()
        with reading(self.engine) as connection:
            rows = queue_queries.page(connection, now, after, asked.limit + 1)
            shown = rows[: asked.limit]
            events = queries.records(connection, shown)
            counts = queue_queries.counts(connection, now)
            fresh.unless_had(rows, list(events.items()), counts, queries.erased_at(connection))
        return QueuePage(
            items=[answers.queued(row, events, self.keys) for row in shown],
            counts=counts,
            next_cursor=asked.cursor_after(self.cursors, shown[-1]) if len(rows) > len(shown) else None,
        )

    def list_reminders(self, asked: Annotated[RemindersAsked, Query()], fresh: Freshness) -> ReminderPage:
        """Open reminders, the soonest first."""
        after, due = asked.after(self.cursors), asked.until(self.now())
        with reading(self.engine) as connection:
            rows = reminder_queries.page(connection, due, after, asked.limit + 1)
            shown = rows[: asked.limit]
            events = queries.records(connection, shown)
            fresh.unless_had(rows, list(events.items()), queries.erased_at(connection))
        return ReminderPage(
            items=[answers.reminded(row, events, self.keys) for row in shown],
            next_cursor=asked.cursor_after(self.cursors, shown[-1]) if len(rows) > len(shown) else None,
        )

    def get_lead(self, lead_id: LeadId, fresh: Freshness) -> LeadView:
        """One household: record, status, consent, state, what the family has said, reminders, the decision in force."""
        with reading(self.engine) as connection:
            if fresh.asked and (known := queries.lead_version(connection, lead_id)):
                fresh.unless_had(queries.version_of(known))
            row = queries.lead(connection, lead_id)
            current = queries.history(connection, lead_id, None, 1)
            reminders = reminder_queries.of_lead(connection, lead_id)
            if row is None:
                raise absent(connection, lead_id)
            events = queries.records(connection, [row])
        fresh.unless_had(queries.version_of(row))
        return answers.lead(row, events, current[0] if current else None, reminders, self.keys)

    def list_timeline(
        self, lead_id: LeadId, asked: Annotated[TimelineAsked, Query()], fresh: Freshness
    ) -> TimelinePage:
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
        return TimelinePage(
            items=[answers.item(row, self.keys) for row in shown],
            next_cursor=asked.cursor_after(self.cursors, lead_id, shown[-1])
            if len(rows) > len(shown)
            else None,
        )

    def get_interaction(self, event_id: EventId, fresh: Freshness) -> InteractionView:
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
        return answers.interaction(rows, answer, closed, self.keys)
