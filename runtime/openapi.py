"""The OpenAPI document of an app: our problems and tokens, and the routes that FastAPI does not describe itself."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from runtime.problems import MEDIA_TYPE

_REF = "#/components/schemas/{model}"
_PROBLEMS = {
    "400": "The body is not JSON that means one thing only, or there is no Host.",
    "401": "No known bearer token.",
    "403": "The token has not the scope.",
    "408": "The body came too slowly.",
    "410": "The person was erased.",
    "413": "The body is too large.",
    "414": "Path and query are too long.",
    "415": "The body is not application/json.",
    "421": "A Host that is not served here.",
    "422": "A field is wrong; it is named, its value is not repeated.",
    "429": "More requests than the token, or an address without one, may send; wait as `Retry-After` says.",
    "431": "The headers are too many or too large.",
    "503": "Kafka or Postgres is away: nothing was accepted, retry after `Retry-After` seconds.",
}
_OUTSIDE = ("400", "413", "414", "421", "429", "431")
"""Those of routes that need no token: what stands before every route refuses for the same reasons there."""


class FieldError(BaseModel):
    """One wrong field."""

    field: str = Field(examples=["guardians[0].phone"])
    message: str = Field(examples=["is required"])


class ProblemBody(BaseModel):
    """RFC 9457 problem."""

    type: str = Field(examples=["urn:academy:problem:invalid"])
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = Field(None, description="with 422")
    event_id: str | None = Field(None, description="with 503: the id to send the same event again with")


@dataclass(frozen=True, slots=True)
class Operation:
    """What a route takes and gives, with examples of its body by name; `body_limit` in bytes, if not the app's.

    `path` and `query` say what its parameters are, `problems` which it has beside those of every route.
    """

    summary: str
    takes: type[BaseModel] | None
    gives: type[BaseModel]
    headers: dict[str, str] = field(default_factory=dict)
    examples: dict[str, Any] = field(default_factory=dict)
    status: int = 202
    body_limit: int | None = None
    method: Literal["POST", "PATCH", "DELETE"] = "POST"
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


class JsonRoute(Route):
    """A route of plain Starlette that writes, half the cost of FastAPI's, described by hand."""

    def __init__(
        self, path: str, endpoint: Callable[[Request], Awaitable[Response]], operation: Operation
    ) -> None:
        super().__init__(path, endpoint, methods=[operation.method])
        self.operation = operation

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Leaves its name for the metrics, as FastAPI's routes do."""
        scope["route"] = self
        await super().handle(scope, receive, send)


def install(app: FastAPI, examples: Mapping[str, Any]) -> None:
    """Let `/openapi.json` show all routes, the problems each may answer with, and who needs a token.

    `examples` are answers by operation id.
    """
    own = [route for route in app.routes if isinstance(route, JsonRoute)]

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, own, examples)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI documents it so


def _document(app: FastAPI, own: Sequence[JsonRoute], examples: Mapping[str, Any]) -> dict[str, Any]:
    found = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas.update(_schemas(own))
    found["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    found["components"]["responses"] = {
        f"Problem{status}": _problem(said) for status, said in _PROBLEMS.items()
    }
    paths = found.setdefault("paths", {})
    for route in own:
        paths.setdefault(route.path, {})[route.operation.method.lower()] = _operation(route)
    for path, operation in _operations(paths):
        _exemplify(operation, examples)
        statuses: Iterable[str] = _OUTSIDE
        if path.startswith("/api"):
            operation["security"], statuses = [{"bearer": []}], _PROBLEMS
        operation["responses"].update(
            {status: {"$ref": f"#/components/responses/Problem{status}"} for status in statuses}
        )
    return found


def _operations(paths: dict[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    return ((path, one) for path, methods in paths.items() for one in methods.values())


def _exemplify(operation: dict[str, Any], examples: Mapping[str, Any]) -> None:
    """Show an answer as it was given, and that one with a tag may be none."""
    if operation["operationId"] in examples:
        answer = operation["responses"]["200"]["content"]["application/json"]
        answer["example"] = examples[operation["operationId"]]
    if any(one["name"] == "If-None-Match" for one in operation.get("parameters", ())):
        operation["responses"]["304"] = {"description": "The caller has this answer already."}


def _schemas(own: Sequence[JsonRoute]) -> dict[str, Any]:
    taken = {route.operation.takes for route in own if route.operation.takes is not None}
    given = {route.operation.gives for route in own} | {ProblemBody}
    modes: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = [
        *((model, "validation") for model in _by_name(taken)),
        *((model, "serialization") for model in _by_name(given)),
    ]
    _, together = models_json_schema(modes, ref_template=_REF)
    schemas: dict[str, Any] = together["$defs"]
    return schemas


def _by_name(models: set[type[BaseModel]]) -> list[type[BaseModel]]:
    return sorted(models, key=lambda model: model.__name__)


def _problem(said: str) -> dict[str, Any]:
    schema = {"$ref": _REF.format(model=ProblemBody.__name__)}
    return {"description": said, "content": {MEDIA_TYPE: {"schema": schema}}}


def _operation(route: JsonRoute) -> dict[str, Any]:
    operation = route.operation
    return {
        "summary": operation.summary,
        "description": ((operation.takes or operation.gives).__doc__ or "").strip(),
        "operationId": route.name,
        "tags": ["tell"],
        "parameters": [
            *(_parameter("path", name, said) | {"required": True} for name, said in operation.path.items()),
            *(_parameter("query", name, said) for name, said in operation.query.items()),
            *(_parameter("header", name, said) for name, said in operation.headers.items()),
        ],
        **({} if operation.takes is None else {"requestBody": _body(operation.takes, operation.examples)}),
        "responses": {
            str(operation.status): {
                "description": (operation.gives.__doc__ or "").strip(),
                "content": {
                    "application/json": {"schema": {"$ref": _REF.format(model=operation.gives.__name__)}}
                },
            },
            **{status: _problem(said) for status, said in operation.problems.items()},
        },
    }


def _body(takes: type[BaseModel], examples: dict[str, Any]) -> dict[str, Any]:
    shown = {
        "schema": {"$ref": _REF.format(model=takes.__name__)},
        "examples": {name: {"value": value} for name, value in examples.items()},
    }
    return {"required": True, "content": {"application/json": shown}}


def _parameter(place: str, name: str, said: str) -> dict[str, Any]:
    return {"name": name, "in": place, "schema": {"type": "string"}, "description": said}
