"""The shell of every HTTP app of ours: gate, problems, health routes and an honest OpenAPI document."""

import resource
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from pydantic import Field, SecretStr, StringConstraints
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from runtime import heap, openapi
from runtime.connection import Connection
from runtime.errors import Misconfigured
from runtime.gate import BODY_LIMIT, CALLER, Gate, Rules
from runtime.heads import HeadAsGet
from runtime.jwks import key_set
from runtime.jwt_tokens import Issuer
from runtime.metrics import Metrics
from runtime.openapi import JsonRoute
from runtime.problems import Problem, add_handlers
from runtime.rates import READS, STRANGERS, WRITES, Rates
from runtime.settings import Settings
from runtime.tokens import Caller, Scope, file_token, parse_tokens
from runtime.web_pages import Ready, docs, probes

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
Origin = Annotated[
    str, StringConstraints(pattern=r"^(https://[a-z0-9.-]+|http://(localhost|127\.0\.0\.1))(:[0-9]{1,5})?$")
]
"""Of a page, as a browser sends it; in clear only from this machine."""
_ASKED = (
    "Authorization",
    "Content-Type",
    "Academy-After",
    "Idempotency-Key",
    "If-None-Match",
    "Last-Event-ID",
)
_TOLD = ("Academy-Request", "ETag", "RateLimit", "RateLimit-Policy", "Retry-After")
"""Headers that a page may send beside those that every page may, and those that it may read."""
TOKEN_FILE = "api-token"  # noqa: S105 -- the name of a file in the data folder, made by `academy run`


class WebSettings(Settings):
    """What every HTTP app reads beside the shared settings."""

    host: str = Field(default="127.0.0.1", description="address to listen at; 0.0.0.0 in a container")
    port: int = Field(default=8001, ge=0, le=65535, description="port to listen at")
    tokens: SecretStr = Field(
        default=SecretStr(""),
        description="name:secret:scope+scope,...; scopes: ingest read operate analyse admin",
    )
    token_file: Path | None = Field(
        default=None,
        description="secret of one more token with all scopes; absent: api-token in the data folder",
    )
    allow_hosts: frozenset[str] = Field(
        default=frozenset(),
        description='JSON list of Host names served beside loopback; ["*"] behind a gateway that checks',
    )
    body_limit: int = Field(default=BODY_LIMIT, ge=1024, description="bytes of a request's body")
    jwt_jwks: str | None = Field(
        default=None, description="URL or file of the issuer's public keys; absent: no JWT is taken"
    )
    jwt_issuer: str | None = Field(default=None, description="`iss` of the JWTs that are taken")
    jwt_audience: str | None = Field(default=None, description="`aud` of the JWTs that are taken")
    jwt_tenant_claim: str = Field(default="tenant", description="claim that must name the topic prefix")
    read_rate: str = Field(default=READS, description="reads of one token; empty: without a limit")
    write_rate: str = Field(default=WRITES, description="writes of one token; empty: without a limit")
    stranger_rate: str = Field(
        default=STRANGERS, description="requests of one address without a token; empty: without a limit"
    )
    allow_origins: frozenset[Origin] = Field(
        default=frozenset(), description="JSON list of origins whose pages may call; exact, none by default"
    )
    behind_tls: bool = Field(default=False, description="TLS ends in front of us: browsers are to keep to it")

    def rules(self) -> Rules:
        """The gate's rules; raises Misconfigured for what is malformed or only half told."""
        local = file_token(self.token_file or self.data_dir / TOKEN_FILE)
        return Rules(
            tokens=(*parse_tokens(self.tokens.get_secret_value()), *([local] if local else [])),
            hosts=frozenset(host.lower() for host in self.allow_hosts),
            body_limit=self.body_limit,
            issuer=self._issuer(),
            rates=Rates(self.read_rate, self.write_rate, self.stranger_rate),
            origins=tuple(sorted(self.allow_origins)),
            tls=self.behind_tls,
        )

    def _issuer(self) -> Issuer | None:
        given = (self.jwt_jwks, self.jwt_issuer, self.jwt_audience)
        if not any(given):
            return None
        if not (self.jwt_jwks and self.jwt_issuer and self.jwt_audience):
            raise Misconfigured(
                "ACADEMY_JWT_JWKS, _JWT_ISSUER and _JWT_AUDIENCE are needed together, or none"
            )
        return Issuer(
            key_set(self.jwt_jwks),
            self.jwt_issuer,
            self.jwt_audience,
            self.jwt_tenant_claim,
            self.topic_prefix,
        )


@dataclass(frozen=True, slots=True)
class About:
    """Title and purpose of an app, as its documentation shows them, and examples of its answers by operation."""

    title: str
    purpose: str
    examples: Mapping[str, Any] = field(default_factory=dict)


def web_app(
    about: About,
    routers: Sequence[APIRouter | BaseRoute],
    rules: Rules,
    metrics: Metrics,
    ready: Ready,
    lifespan: Lifespan | None = None,
) -> FastAPI:
    """An app of these routes behind the gate, with `/healthz /readyz /metrics /openapi.json`."""
    app = FastAPI(
        title=about.title,
        description=about.purpose,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        generate_unique_id_function=_operation_id,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # our own metrics are a closed list
    )
    for router in (*routers, probes(metrics, ready)):
        if isinstance(router, APIRouter):
            app.include_router(router)
        else:
            app.router.routes.append(router)  # FastAPI would wrap an included one, at a cost
    openapi.install(app, about.examples)
    app.router.routes.append(Route("/docs", docs, include_in_schema=False))
    add_handlers(app)
    app.add_middleware(HeadAsGet)
    app.add_middleware(Gate, rules=_with_limits(rules, routers), metrics=metrics)
    if rules.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=rules.origins,
            allow_methods=("GET", "POST", "PATCH", "DELETE"),
            allow_headers=_ASKED,
            expose_headers=_TOLD,
        )
    return app


def serve(app: FastAPI, settings: WebSettings) -> None:
    """Serve until SIGTERM or SIGINT, and come back: uvicorn stops first, then passes the signal on."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    open_files()
    heap.settled()
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        http=Connection,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=65,  # longer than clients and proxies hold an idle connection
        timeout_graceful_shutdown=5,
    )


def open_files() -> None:
    """Take all the files that the system allows this process: a connection is one, and a usual limit is 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def caller(request: Request, scope: Scope) -> Caller:
    """Who calls; raises the 403 problem for one without this scope."""
    found: Caller = request.scope[CALLER]
    if scope not in found.scopes:
        raise Problem(403, "forbidden", f"This token has not the scope {scope}.")
    return found


def needs(scope: Scope) -> Callable[[Request], Awaitable[Caller]]:
    """The same as a FastAPI dependency: `who: Annotated[Caller, Depends(needs(Scope.READ))]`."""

    async def check(request: Request) -> Caller:
        return caller(request, scope)

    return check


def _with_limits(rules: Rules, routers: Sequence[APIRouter | BaseRoute]) -> Rules:
    """The rules, and the body limits of routes that have their own."""
    own = {
        route.path: limit
        for route in routers
        if isinstance(route, JsonRoute) and (limit := route.operation.body_limit) is not None
    }
    return replace(rules, body_limits={**own, **rules.body_limits})


def _operation_id(route: APIRoute) -> str:
    return route.name
