"""Ingest and the read API in one process at one address, as `academy run` serves them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from ingest import service as ingest
from ingest.clock import wall
from ingest.decisions import DecisionsView
from ingest.routes import Desk
from ingest.settings import IngestSettings
from projections.api import app as api
from projections.api.audited import audited, closing
from projections.api.examples import EXAMPLES
from projections.api.settings import ApiSettings
from runtime.health import Readiness
from runtime.keys import Keys
from runtime.metrics import Metrics
from runtime.outlet import Outlet
from runtime.trail import TOPIC, Sink, Trail, patient
from runtime.web import About, web_app
from runtime.web_pages import Ready

ABOUT = About(
    "Academy Outreach", "Tell it what happened with a family; read what to do next, and why.", EXAMPLES
)


def build(settings: IngestSettings, reading: ApiSettings, outlet: Outlet, keys: Keys, sink: Sink) -> FastAPI:
    """Every route of both; ready when both are. Closes the sink of its audit records."""
    metrics, engine = Metrics(), api.database(reading)
    desk = Desk(settings, outlet, keys, wall, metrics)
    trail = Trail(sink, settings.topic(TOPIC), metrics)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with closing(trail)(app), ingest.ticker(settings, outlet, wall):
            yield

    app = web_app(
        ABOUT,
        [
            *ingest.every_route(desk, DecisionsView(settings)),
            *api.routers(reading, engine, keys, metrics),
        ],
        settings.rules(),
        metrics,
        _both(ingest.ready(desk), api.ready(engine)),
        lifespan,
    )
    return audited(app, trail)


def _both(one: Ready, other: Ready) -> Ready:
    async def ready() -> Readiness:
        first = await one()
        return first if not first.ready else await other()

    return ready


def main() -> None:
    """Serve until SIGTERM or SIGINT; exits 1 with one sentence where it cannot start."""
    settings = IngestSettings()
    ingest.run(settings, lambda outlet, keys: build(settings, ApiSettings(), outlet, keys, patient(settings)))
