"""What is counted row by row, over HTTP: a household's contacts, and dead letters."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Engine, RowMapping

from projections.api import erasure_queries, ledger_queries, queries
from projections.api.after import seen
from projections.api.asked import LeadId
from projections.api.cursors import LABEL, Cursors
from projections.api.ledger_queries import KEPT
from projections.api.ledger_views import ContactPage, ContactView, DeadLetterPage, DeadLetterView
from projections.api.ledgers_asked import ContactsAsked, DeadLettersAsked
from projections.api.reading import absent, reading
from projections.api.views import MISSING
from runtime.deriving import DerivingKeyring
from runtime.tokens import Scope
from runtime.web import needs


def _now() -> datetime:
    return datetime.now(UTC)


def router(engine: Engine, keys: DerivingKeyring, now: Callable[[], datetime] = _now) -> APIRouter:
    """The routes over one database; `now` says what is counted and kept."""
    ledgers = Ledgers(engine, Cursors(keys.derived(LABEL)), now)
    routes = APIRouter(prefix="/api", tags=["read"], dependencies=[Depends(needs(Scope.READ))])
    shown = [Depends(seen(engine))]
    routes.get("/leads/{lead_id}/contacts", responses=MISSING, dependencies=shown)(ledgers.list_contacts)
    routes.get("/dead-letters")(ledgers.list_dead_letters)
    return routes


@dataclass(frozen=True, slots=True)
class Ledgers:
    """The routes' functions; each takes one snapshot."""

    engine: Engine
    cursors: Cursors
    now: Callable[[], datetime]

    def list_contacts(self, lead_id: LeadId, asked: Annotated[ContactsAsked, Query()]) -> ContactPage:
        """Every contact that the limits count, whoever made it and on whatever channel, newest first."""
        before, now = asked.before(self.cursors, lead_id), self.now()
        with reading(self.engine) as connection:
            rows = ledger_queries.contacts_page(connection, lead_id, before, asked.limit + 1)
            counts = ledger_queries.contacts_since(connection, lead_id, now)
            known = queries.lead(connection, lead_id) is not None
            if not known and (not rows or erasure_queries.is_erased(connection, lead_id)):
                raise absent(connection, lead_id)
        shown = rows[: asked.limit]
        return ContactPage(
            items=[ContactView.model_validate(dict(row)) for row in shown],
            **counts,
            next_cursor=asked.cursor_after(self.cursors, lead_id, shown[-1])
            if len(rows) > len(shown)
            else None,
        )

    def list_dead_letters(self, asked: Annotated[DeadLettersAsked, Query()]) -> DeadLetterPage:
        """What services have set aside, why, and what became of it, newest first."""
        before, now = asked.before(self.cursors), self.now()
        with reading(self.engine) as connection:
            rows = ledger_queries.letters_page(connection, now, asked.filters(), before, asked.limit + 1)
            waiting = ledger_queries.letters_waiting(connection, now)
        shown = rows[: asked.limit]
        return DeadLetterPage(
            items=[_letter(row) for row in shown],
            waiting=waiting,
            next_cursor=asked.cursor_after(self.cursors, shown[-1]) if len(rows) > len(shown) else None,
        )


def _letter(row: RowMapping) -> DeadLetterView:
    place = f"{row['group']}/{row['partition']}/{row['offset']}"
    return DeadLetterView.model_validate(
        {**row, "place": place, "kept_until": row["at"] + KEPT[row["group"]]}
    )
