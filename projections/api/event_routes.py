"""`GET /api/events`: what changes, as it changes, for those who would otherwise ask again and again."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query
from pydantic import Field

from projections.api.asked import Asked
from projections.api.changes import KINDS, Kind, Wanted, mark_of
from projections.api.feed import Feed
from projections.api.seats import Seats
from projections.api.streams import Stream, following, opening
from projections.api.views import PROBLEM
from runtime.tokens import Scope, Token
from runtime.web import needs

LEADS = 100
"""That one stream may name; who wants more filters at home."""
EXAMPLE = """retry: 3000

id: 1042.993-0

event: lead
data: {"lead_id":"lead-4711","sequence":8}

id: 1043.993-0
event: decision
data: {"decision_id":"5f3c1a2b-8d4e-8f60-9a1b-2c3d4e5f6071","lead_id":"lead-4711"}

id: 1043.994-1796000000000000
event: erased
data: {"lead_id":"lead-4712","subject":null}

: still here
id: 1043.996-1796000000000000

"""
TOLD: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events without end: `lead` (its view changed), `decision` (came in force), `erased` (a"
        " household, or the person of it that `subject` names, is forgotten: let go of what you keep), `reset`"
        " (read everything anew: what you missed is not kept).",
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": EXAMPLE}},
    },
    429: PROBLEM | {"description": "This token has as many streams as it may."},
}
Since = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID",
        pattern=r"^[0-9]{1,18}(\.[0-9]{1,18}){0,999}(-[0-9]{1,17})?$",
        description="`id` of the last event that was read: what changed since comes first",
        examples=["1043.993-0"],
    ),
]


class EventsAsked(Asked):
    """Which changes."""

    lead_id: list[Annotated[str, Field(pattern=r"^[^\x00]{1,200}$")]] = Field(
        [], max_length=LEADS, description="of these leads only; may be given up to 100 times"
    )
    kinds: list[Kind] = Field(
        list(KINDS), min_length=1, description="of `lead`, `decision` and `erased`; all of them unless told"
    )

    @property
    def wanted(self) -> Wanted:
        """As the stream compares it."""
        return Wanted(frozenset(self.lead_id), frozenset(self.kinds))


def router(feed: Feed, seats: Seats) -> APIRouter:
    """The route over one feed."""
    routes = APIRouter(prefix="/api", tags=["read"], responses=TOLD)
    routes.get("/events", response_class=Stream, status_code=200)(Events(feed, seats).follow_events)
    return routes


@dataclass(frozen=True, slots=True)
class Events:
    """The route's function."""

    feed: Feed
    seats: Seats

    async def follow_events(
        self,
        asked: Annotated[EventsAsked, Query()],
        token: Annotated[Token, Depends(needs(Scope.READ))],
        since: Since = None,
    ) -> Stream:
        """Changed leads, decisions and erasures, by id alone, once reads show them; goes on at `Last-Event-ID`."""
        self.seats.take(token.name)
        try:
            await self.feed.join()
        except BaseException:  # a cancelled request, too, gives its seat back; raised again
            self.seats.leave(token.name)
            raise
        try:
            return await self._opened(asked.wanted, token, since)
        except BaseException:  # a cancelled request, too, gives its seat back; raised again
            self._leave(token)
            raise

    async def _opened(self, wanted: Wanted, token: Token, since: str | None) -> Stream:
        changes, number, now = self.feed.changes, self.feed.changes.end, self.feed.mark
        missed = await self.feed.missed(mark_of(since) if since else now, sorted(wanted.leads))
        events = following(changes, number, wanted, opening(now, missed, wanted), token)
        return Stream(events, lambda: self._leave(token))

    def _leave(self, token: Token) -> None:
        self.feed.leave()
        self.seats.leave(token.name)
