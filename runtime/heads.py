"""HEAD is answered as GET without a body: the same status and headers, from every route."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class _Answered(Exception):
    """The head is sent: what the route would still send nobody reads."""


class HeadAsGet:
    """ASGI middleware before the routes, which know GET alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask the route as GET, and let go of it once it has begun to answer."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def head(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                raise _Answered

        asked = {**scope, "method": "GET"}
        try:
            await self._app(asked, receive, head)
        except* _Answered:  # from within groups, too, as a stream's tasks are
            pass
        finally:
            if "route" in asked:
                scope["route"] = asked["route"]  # the gate counts by it
