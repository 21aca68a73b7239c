"""Writes down who read whose words, for every route at once: before the answer leaves that shows them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from projections.api.opening import remembering
from runtime.errors import NotReady
from runtime.gate import CALLER, REQUEST
from runtime.problems import unavailable
from runtime.trail import Trail


class Audited:
    """ASGI middleware inside the gate; a household is written down once a request."""

    def __init__(self, app: ASGIApp, trail: Trail) -> None:
        self._app, self._trail = app, trail

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; an answer whose reading cannot be written down is a 503, or ends where it stands."""
        if CALLER not in scope:
            await self._app(scope, receive, send)
            return
        told: set[str] = set()
        refused = False
        with remembering() as opened:

            async def answer(message: Message) -> None:
                nonlocal refused
                if refused:
                    return
                fresh = opened - told
                try:
                    self._tell(scope, fresh)
                except NotReady as full:
                    if message["type"] != "http.response.start":
                        raise
                    refused = True
                    await unavailable(str(full)).response()(scope, receive, send)
                    return
                told.update(fresh)
                await send(message)

            try:
                await self._app(scope, receive, answer)
            finally:
                if not refused:
                    self._tell(scope, opened - told)  # what a fault of ours kept from being shown

    def _tell(self, scope: Scope, leads: set[str]) -> None:
        for lead_id in sorted(leads):
            self._trail.read(scope[CALLER].name, scope["route"].name, scope[REQUEST], lead_id)


def audited(app: FastAPI, trail: Trail) -> FastAPI:
    """The app with this as its innermost middleware, so that the gate completes its answers, too."""
    app.user_middleware.append(Middleware(Audited, trail=trail))
    return app


def closing(trail: Trail) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """A lifespan at whose end the trail's last records are on their way to Kafka."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(trail.close)

    return lifespan
