"""The read API as one process; its routers also serve in a process shared with others."""

import sys

import structlog
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from projections.api import (
    context_routes,
    decision_routes,
    erasure_routes,
    event_routes,
    export_routes,
    learning,
    ledgers,
    outcomes,
    plan_routes,
    queries,
    registry,
    routes,
    what_if_routes,
)
from projections.api.academy import profile
from projections.api.audited import audited, closing
from projections.api.examples import EXAMPLES
from projections.api.export_routes import Exports
from projections.api.feed import Feed
from projections.api.searched import tokens
from projections.api.seats import Seats
from projections.api.settings import ApiSettings
from projections.connections import reading
from runtime import logs
from runtime.deriving import DerivingKeyring
from runtime.errors import Misconfigured
from runtime.health import Readiness
from runtime.keys import Keys
from runtime.metrics import Metrics
from runtime.trail import TOPIC, Sink, Trail, patient
from runtime.web import About, serve, web_app
from runtime.web_pages import Ready

log = structlog.get_logger()

ABOUT = About(
    "Academy Outreach: read API",
    "Leads, what was said, what was decided and why, and what was learned.",
    EXAMPLES,
)


def build(settings: ApiSettings, engine: Engine, keys: DerivingKeyring, sink: Sink) -> FastAPI:
    """The app over one database; it keeps nothing between requests, and closes the sink of its audit records.

    Raises Misconfigured for a bad token or profile.
    """
    metrics = Metrics()
    trail = Trail(sink, settings.topic(TOPIC), metrics)
    offered = routers(settings, engine, keys, metrics)
    app = web_app(ABOUT, offered, settings.rules(), metrics, ready(engine), closing(trail))
    return audited(app, trail)


def routers(
    settings: ApiSettings, engine: Engine, keys: DerivingKeyring, metrics: Metrics
) -> list[APIRouter | APIRoute]:
    """Every route, for an app that serves others, too; raises Misconfigured for a bad profile."""
    academy = profile(settings.profile_file)
    return [
        *routes.routers(engine, keys, tokens(keys)),
        decision_routes.router(engine, keys, academy),
        context_routes.router(engine, keys, academy),
        what_if_routes.router(engine, keys, academy),
        plan_routes.router(engine),
        erasure_routes.router(engine),
        learning.router(engine, keys),
        _events(settings, engine, metrics),
        _exports(settings, metrics),
        ledgers.router(engine, keys),
        outcomes.router(engine),
        registry.router,
    ]


def _events(settings: ApiSettings, engine: Engine, metrics: Metrics) -> APIRouter:
    """The reader of changes connects once somebody listens."""
    feed = Feed(engine, dsn(settings), settings.schema_name)
    return event_routes.router(
        feed, Seats("stream", settings.streams_a_token, settings.streams, metrics.under_way)
    )


def _exports(settings: ApiSettings, metrics: Metrics) -> APIRouter:
    seats = Seats("export", settings.exports, settings.exports, metrics.under_way)
    return export_routes.router(Exports(dsn(settings), settings.schema_name, seats, settings.export_seconds))


def dsn(settings: ApiSettings) -> str:
    """Of the database; raises Misconfigured where none is named."""
    if settings.postgres is None:
        raise Misconfigured("ACADEMY_POSTGRES is not set; `academy run` sets it for the embedded database")
    return settings.postgres.get_secret_value()


def database(settings: ApiSettings) -> Engine:
    """Read-only connections, opened at the first need; raises Misconfigured where none is named."""
    return reading(dsn(settings), settings.schema_name, settings.read_seconds, settings.read_connections)


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
