"""What became of the wish to be forgotten: the receipts, which hold no word of whom they are about."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from sqlalchemy import Engine

from projections.api import erasure_queries, queries
from projections.api.after import seen
from projections.api.asked import LeadId
from projections.api.names import EventId
from projections.api.reading import missing, reading
from projections.api.views import MISSING
from runtime.tokens import Scope
from runtime.web import needs


class KeyView(BaseModel):
    """A key that is gone."""

    subject: str = Field(examples=["lead-ada/g/g1"])
    key_id: str = Field(examples=["k7Yx0c1dQm2Zr9Tb"])
    wrapped_sha256: str = Field(description="of the wrapped key, in hex: a proof which one it was")


class CopyView(BaseModel):
    """Where a copy may still stand, and until when."""

    where: str = Field(examples=["inbox"])
    until: datetime


class ReceiptView(BaseModel):
    """An erasure that was carried out."""

    receipt_id: str
    destroyed_at: datetime
    keys: list[KeyView]
    purged: dict[str, int] = Field(description="by view, how many rows went", examples=[{"interactions": 14}])
    copies: list[CopyView]


class ErasureView(BaseModel):
    """One wish to be forgotten; `receipt` is null until it was carried out."""

    event_id: EventId
    lead_id: str
    subject: str | None = Field(description="of one person; null: the whole household", examples=["g/g1"])
    requested_at: datetime
    receipt: ReceiptView | None


class ErasureList(BaseModel):
    """Whoever of a household asked to be forgotten, latest first, at most 100."""

    items: list[ErasureView]


def router(engine: Engine) -> APIRouter:
    """The route over one database."""
    routes = APIRouter(
        prefix="/api",
        tags=["read"],
        dependencies=[Depends(needs(Scope.READ)), Depends(seen(engine))],
        responses=MISSING,
    )
    routes.get("/leads/{lead_id}/erasures")(Erasures(engine).list_erasures)
    return routes


@dataclass(frozen=True, slots=True)
class Erasures:
    """The route's function; it takes one snapshot."""

    engine: Engine

    def list_erasures(self, lead_id: LeadId) -> ErasureList:
        """Whoever of a household asked to be forgotten, with the receipt of what went."""
        with reading(self.engine) as connection:
            rows = erasure_queries.erasures_of(connection, lead_id)
            if not rows and queries.lead(connection, lead_id) is None:
                raise missing("lead")
        return ErasureList(items=[_shown(dict(row)) for row in rows])


def _shown(row: dict[str, Any]) -> ErasureView:
    return ErasureView.model_validate(row)
