"""Ingest and the read API in one process at one address, as `academy run` serves them."""

from fastapi import FastAPI

from ingest import service as ingest
from ingest.clock import wall
from ingest.decisions import DecisionsView
from ingest.routes import Desk
from ingest.settings import IngestSettings
from projections.api import app as api
from projections.api.settings import ApiSettings
from runtime.health import Readiness
from runtime.keys import Keys
from runtime.metrics import Metrics
from runtime.outlet import Outlet
from runtime.web import About, Ready, web_app

ABOUT = About("Academy Outreach", "Tell it what happened with a family; read what to do next, and why.")


def build(settings: IngestSettings, reading: ApiSettings, outlet: Outlet, keys: Keys) -> FastAPI:
    """Every route of both; ready when both are."""
    metrics, engine = Metrics(), api.database(reading)
    desk = Desk(settings, outlet, keys, wall, metrics)
    return web_app(
        ABOUT,
        [
            *ingest.every_route(desk, DecisionsView(settings)),
            *api.routers(reading, engine, keys),
        ],
        settings.rules(),
        metrics,
        _both(ingest.ready(desk), api.ready(engine)),
        lambda _app: ingest.ticker(settings, outlet, wall),
    )


def _both(one: Ready, other: Ready) -> Ready:
    async def ready() -> Readiness:
        first = await one()
        return first if not first.ready else await other()

    return ready


def main() -> None:
    """Serve until SIGTERM or SIGINT; exits 1 with one sentence where it cannot start."""
    settings = IngestSettings()
    ingest.run(settings, lambda outlet, keys: build(settings, ApiSettings(), outlet, keys))
