"""Ingest: HTTP in, `interactions` out, and the clock that ticks into it."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import structlog
from fastapi import FastAPI

from ingest import act_routes, erasures, reminder_routes
from ingest.act_routes import ActsDesk
from ingest.clock import Clock, ticking, wall
from ingest.decisions import Decisions, DecisionsView
from ingest.intake import TOPIC
from ingest.reminder_routes import RemindersDesk
from ingest.routes import Desk, routes
from ingest.settings import IngestSettings
from runtime import logs
from runtime.errors import NotReady, RuntimeFault
from runtime.health import Readiness
from runtime.keys import Keyring, Keys
from runtime.metrics import Metrics
from runtime.openapi import JsonRoute
from runtime.origin import agree
from runtime.outlet import Outlet, Writer
from runtime.web import About, serve, web_app
from runtime.web_pages import Ready

ABOUT = About("Academy Outreach: ingest", "Every interaction with a family becomes an event here.")
log = structlog.get_logger()


def build(
    settings: IngestSettings, outlet: Writer, keys: Keyring, decisions: Decisions, clock: Clock
) -> FastAPI:
    """The app; its lifespan runs the ticker."""
    metrics = Metrics()
    desk = Desk(settings, outlet, keys, clock, metrics)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with ticker(settings, outlet, clock):
            yield

    return web_app(ABOUT, every_route(desk, decisions), settings.rules(), metrics, ready(desk), lifespan)


def every_route(desk: Desk, decisions: Decisions) -> list[JsonRoute]:
    """All that write events, for an app that serves others, too."""
    acts = ActsDesk(desk, decisions)
    return [
        *routes(desk),
        *act_routes.routes(acts),
        *reminder_routes.routes(RemindersDesk(acts)),
        *erasures.routes(erasures.ErasuresDesk(acts)),
    ]


@asynccontextmanager
async def ticker(settings: IngestSettings, outlet: Writer, clock: Clock) -> AsyncIterator[None]:
    """The clock ticks while the context lasts, unless the settings turn it off."""
    if not settings.clock_seconds:
        yield
        return
    task = asyncio.create_task(ticking(outlet, settings.topic(TOPIC), settings.clock_seconds, clock))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def ready(desk: Desk) -> Ready:
    """Asks the broker for the topic and Postgres for an answer."""

    def ask() -> Readiness:
        try:
            desk.outlet.partitions(desk.settings.topic(TOPIC))
            if not desk.keys.reachable():
                raise NotReady("Postgres does not answer: only families whose keys are in memory are served")
        except RuntimeFault as fault:
            return Readiness(ready=False, detail=str(fault))
        return Readiness(ready=True, lag=0)

    async def answer() -> Readiness:
        return await asyncio.to_thread(ask)

    return answer


def run(settings: IngestSettings, make: Callable[[Outlet, Keys], FastAPI]) -> None:
    """Serve an app that takes events until SIGTERM or SIGINT; exits 1 with one sentence where it cannot start."""
    logs.configure(settings.log_level)
    try:
        with Outlet(settings) as outlet:
            keys = Keys(settings)
            keys.reachable()  # a wrong master key refuses the start; a database that is away does not
            agree(settings)
            serve(make(outlet, keys), settings)
    except RuntimeFault as fault:
        log.error("stopped", why=type(fault).__name__, detail=str(fault))
        sys.exit(1)


def main() -> None:
    """Serve ingest alone."""
    settings = IngestSettings()
    run(settings, lambda outlet, keys: build(settings, outlet, keys, DecisionsView(settings), wall))
