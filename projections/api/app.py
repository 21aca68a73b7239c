"""The read API as one process; its routers also serve in a process shared with others."""

import sys

import structlog
from fastapi import APIRouter, FastAPI
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from projections.api import (
    context_routes,
    decision_routes,
    erasure_routes,
    learning,
    plan_routes,
    queries,
    registry,
    routes,
    what_if_routes,
)
from projections.api.academy import UNNAMED, Academy, profile
from projections.api.audited import audited, closing
from projections.api.settings import ApiSettings
from projections.connections import reading
from runtime import logs
from runtime.errors import Misconfigured
from runtime.health import Readiness
from runtime.keys import Keyring, Keys
from runtime.metrics import Metrics
from runtime.trail import TOPIC, Sink, Trail, patient
from runtime.web import About, Ready, serve, web_app

log = structlog.get_logger()

ABOUT = About(
    "Academy Outreach: read API", "Leads, what was said, what was decided and why, and what was learned."
)


def build(settings: ApiSettings, engine: Engine, keys: Keyring, sink: Sink) -> FastAPI:
    """The app over one database; it keeps nothing between requests, and closes the sink of its audit records.

    Raises Misconfigured for a bad token or profile.
    """
    academy, metrics = profile(settings.profile_file), Metrics()
    trail = Trail(sink, settings.topic(TOPIC), metrics)
    app = web_app(
        ABOUT, routers(engine, keys, academy), settings.rules(), metrics, ready(engine), closing(trail)
    )
    return audited(app, trail)


def routers(engine: Engine, keys: Keyring, academy: Academy = UNNAMED) -> list[APIRouter]:
    """Every route, for an app that serves others, too."""
    return [
        routes.router(engine, keys),
        decision_routes.router(engine, keys, academy),
        context_routes.router(engine, keys, academy),
        what_if_routes.router(engine, keys, academy),
        plan_routes.router(engine),
        erasure_routes.router(engine),
        learning.router(engine),
        registry.router,
    ]


def database(settings: ApiSettings) -> Engine:
    """Read-only connections, opened at the first need; raises Misconfigured where none is named."""
    if settings.postgres is None:
        raise Misconfigured("ACADEMY_POSTGRES is not set; `academy run` sets it for the embedded database")
    dsn = settings.postgres.get_secret_value()
    return reading(dsn, settings.schema_name, settings.read_seconds, settings.read_connections)


def ready(engine: Engine) -> Ready:
    """Whether Postgres answers and has the tables."""

    def ask() -> Readiness:
        try:
            with engine.connect() as connection:
                queries.probe(connection)
        except SQLAlchemyError as error:
            return Readiness(ready=False, detail=f"Postgres does not answer ({type(error).__name__})")
        return Readiness(ready=True)

    async def readiness() -> Readiness:
        return await run_in_threadpool(ask)

    return readiness


def main() -> None:
    """Serve until a signal; exits 1 with one sentence where that cannot work."""
    settings = ApiSettings()
    logs.configure(settings.log_level)
    try:
        app = build(settings, database(settings), Keys(settings), patient(settings))
    except Misconfigured as fault:
        log.error("stopped", why=type(fault).__name__, detail=str(fault))
        sys.exit(1)
    serve(app, settings)
