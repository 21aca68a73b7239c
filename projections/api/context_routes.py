"""Context packs over HTTP: one household, and the same for a voice or an SMS provider."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Depends
from sqlalchemy import Engine, RowMapping

from projections.api import context, context_queries, prepare
from projections.api.academy import UNNAMED, Academy
from projections.api.after import seen
from projections.api.asked import LeadId
from projections.api.compliance import refusal, standing
from projections.api.context import Assembled, Unassembled, assembling
from projections.api.context_views import (
    MinimalPack,
    Pack,
    PreparedCall,
    PreparedInbound,
    PreparedSms,
)
from projections.api.reading import absent, reading
from projections.api.views import MISSING, PROBLEM
from runtime.keys import Keyring
from runtime.tokens import Scope
from runtime.web import needs

REFUSED: dict[int | str, dict[str, Any]] = {
    409: PROBLEM | {"description": "The family's no, or an open question about it: nothing is prepared."}
}
Found = Assembled | MinimalPack


def wall() -> datetime:
    """Now; quiet hours are a question about this moment."""
    return datetime.now(UTC)


def router(
    engine: Engine, keys: Keyring, academy: Academy = UNNAMED, now: Callable[[], datetime] = wall
) -> APIRouter:
    """The routes over one database; `now` is asked for quiet hours only."""
    packs = Packs(engine, keys, academy, now)
    routes = APIRouter(
        prefix="/api/context",
        tags=["context"],
        dependencies=[Depends(needs(Scope.READ)), Depends(seen(engine))],
        responses=MISSING,
    )
    routes.get("/{lead_id}")(packs.get_context)
    routes.get("/{lead_id}/prepare-outbound-call", responses=REFUSED)(packs.prepare_outbound_call)
    routes.get("/{lead_id}/prepare-outbound-sms", responses=REFUSED)(packs.prepare_outbound_sms)
    routes.get("/{lead_id}/prepare-inbound-call")(packs.prepare_inbound_call)
    return routes


@dataclass(frozen=True, slots=True)
class Packs:
    """The routes' functions; each takes one snapshot, and opens texts after it has let go of it."""

    engine: Engine
    keys: Keyring
    academy: Academy
    now: Callable[[], datetime]

    def get_context(self, lead_id: LeadId) -> Pack:
        """Everything known about a household; name and phone alone where the rest cannot be put together."""
        found = self._found(lead_id)
        return found.pack if isinstance(found, Assembled) else found

    def prepare_outbound_call(self, lead_id: LeadId) -> PreparedCall:
        """What a voice provider needs to call the family."""
        return prepare.call(self._found(lead_id, outbound=True), self.academy)

    def prepare_outbound_sms(self, lead_id: LeadId) -> PreparedSms:
        """What an SMS provider needs to write to the family: the draft and the thread so far."""
        return prepare.sms(self._found(lead_id, outbound=True))

    def prepare_inbound_call(self, lead_id: LeadId) -> PreparedInbound:
        """What a voice provider needs when the household calls; it answers a family that said no, too."""
        return prepare.inbound(self._found(lead_id), self.academy)

    def _found(self, lead_id: str, *, outbound: bool = False) -> Found:
        row, parts = self._read(lead_id)
        try:
            if isinstance(parts, Unassembled):
                raise parts
            with assembling():
                found: Found = context.assemble(row, parts, self.keys, self.academy, self.now())
        except Unassembled as why:
            found = context.minimal(row, self.keys, str(why))
        record = found.words.record if isinstance(found, Assembled) else None
        if outbound and (problem := refusal(standing(row, record))):
            raise problem
        return found

    def _read(self, lead_id: str) -> tuple[RowMapping, list[RowMapping] | Unassembled]:
        """The household, and the rest or why it could not be read."""
        with reading(self.engine) as connection:
            row = context_queries.household(connection, lead_id)
            if row is None:
                raise absent(connection, lead_id)
            try:
                with assembling():
                    return row, list(context_queries.everything(connection, lead_id, context.named(row)))
            except Unassembled as why:
                return row, why
