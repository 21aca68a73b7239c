"""A route that FastAPI documents, and that reads its usual requests by hand."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

Usual = Callable[[Request], Awaitable[Response | None]]
"""The answer to a request without anything unusual in it; None for any other."""


class QuickRoute(APIRoute):
    """For a route that is asked often: to find out what an endpoint wants takes FastAPI longer than the answer.

    Whatever `usual` leaves alone is answered as by any other route, parameters checked one by one.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], usual: Usual, **more: Any) -> None:
        super().__init__(path, endpoint, **more)
        self._usual = usual

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, by hand where that is enough."""
        answer = (
            await self._usual(Request(scope, receive)) if scope["method"] in (self.methods or ()) else None
        )
        if answer is None:
            await super().handle(scope, receive, send)
        else:
            await answer(scope, receive, send)
