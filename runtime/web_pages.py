"""What every HTTP app of ours serves beside its own routes: probes, metrics, and the document as a page."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from runtime import pages
from runtime.health import Readiness, alive_json
from runtime.metrics import Metrics

Ready = Callable[[], Awaitable[Readiness]]


class Alive(BaseModel):
    """Whether the process lives."""

    alive: bool


def probes(metrics: Metrics, ready: Ready) -> APIRouter:
    """`/healthz`, `/readyz` and `/metrics`; `ready` says whether it serves."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz", summary="Whether the process lives", responses={200: {"model": Alive}})
    async def healthz() -> Response:
        return Response(alive_json(alive=True), media_type="application/json")

    @router.get(
        "/readyz",
        summary="Whether it serves: {ready, lag, detail}; 503 if not",
        responses={200: {"model": Readiness}, 503: {"model": Readiness}},
    )
    async def readyz() -> Response:
        now = await ready()
        metrics.ready(ready=now.ready)
        return Response(now.json(), now.status, media_type="application/json")

    @router.get(
        "/metrics",
        summary="Prometheus; to this machine only",
        response_class=PlainTextResponse,
        responses={403: {"$ref": "#/components/responses/Problem403"}},
    )
    async def metrics_page() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router


async def docs(request: Request) -> Response:
    """For people: made from the document once and then kept with it."""
    app: FastAPI = request.app
    if not hasattr(app.state, "docs"):
        app.state.docs = pages.page(app.openapi())
    return HTMLResponse(app.state.docs, headers={"Content-Security-Policy": pages.POLICY})
