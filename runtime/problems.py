"""What went wrong, as RFC 9457 problems; a value that somebody posted never comes back in one."""

import json
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from runtime.errors import NotReady

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2
"""Long enough for a broker's election, short enough for a call centre's queue."""

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""Those that a route may have."""
_NAMEABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}")
_SENTENCES = {
    "missing": "is required",
    "extra_forbidden": "is not a field of this body",
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
    "string_type": "must be a string",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "too_long": "must have at most {max_length} items",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "model_type": "must be an object",
    "datetime_type": "must be a time such as 2026-05-04T16:30:00Z",
    "datetime_parsing": "must be a time such as 2026-05-04T16:30:00Z",
    "datetime_from_date_parsing": "must be a time such as 2026-05-04T16:30:00Z",
    "timezone_aware": "must say its offset, such as 2026-05-04T16:30:00Z",
    "uuid_type": "must be a UUID",
    "uuid_parsing": "must be a UUID",
}
"""By pydantic's error type, filled from our own bounds; anything else is only called invalid."""


_MEMBER = re.compile(r"<\w+\.\w+: ('[^']*')>")
"""How pydantic tells a value of an enumeration where a few of its members are taken."""


class Problem(HTTPException):
    """An answer that is not the wanted one; `more` are extension members of the problem."""

    def __init__(
        self, status: int, type: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(status, detail, headers)
        self.type, self.more = type, more

    @property
    def body(self) -> dict[str, Any]:
        """The problem as an object, with its extension members."""
        return {
            "type": f"urn:academy:problem:{self.type}",
            "title": HTTPStatus(self.status_code).phrase,
            "status": self.status_code,
            "detail": self.detail,
            **self.more,
        }

    def response(self) -> Response:
        """The problem as a response."""
        text = json.dumps(self.body, separators=(",", ":"))
        return Response(text, self.status_code, self.headers, media_type=MEDIA_TYPE)


def unavailable(detail: str, type: str = "unavailable", **more: Any) -> Problem:
    """503 with Retry-After: nothing was accepted, the same request may be sent again."""
    return Problem(503, type, detail, {"Retry-After": str(RETRY_AFTER_S)}, **more)


def unauthorized(detail: str, challenge: str = 'Bearer error="invalid_token"') -> Problem:
    """401: nobody is known by what was shown, or what was shown is not taken (RFC 6750)."""
    return Problem(401, "unauthorized", detail, {"WWW-Authenticate": challenge})


def internal() -> Problem:
    """500: a fault of ours, of which nothing is told outside."""
    return Problem(500, "internal", "Something is broken here; the log names the place.")


def invalid(*errors: tuple[str, str]) -> Problem:
    """422 with (field, sentence) pairs; sentences must not hold a posted value."""
    listed = [{"field": field, "message": message} for field, message in errors]
    first = " ".join(errors[0])
    return Problem(
        422, "invalid", first if len(errors) == 1 else f"{len(errors)} fields are wrong", errors=listed
    )


def from_pydantic(errors: Sequence[ErrorDetails] | Sequence[Any]) -> Problem:
    """422 of pydantic's errors, without their inputs and messages; 400 if it was no JSON at all."""
    if any(error["type"] == "json_invalid" for error in errors):
        return Problem(400, "malformed", "The body is not JSON.")
    return invalid(*[(_field(error["loc"]), _sentence(error)) for error in errors[:20]])


def add_handlers(app: FastAPI) -> None:
    """Let every error of the app leave as a problem."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(NotReady, _not_ready)
    app.add_exception_handler(Exception, _unexpected)


def _field(place: Sequence[int | str]) -> str:
    """`guardians[0].phone`; what is no plain name stays unnamed, for it may be someone's number."""
    field = ""
    for step in place:
        if isinstance(step, int):
            field += f"[{step}]"
        elif field or step not in {"body", "query", "path", "header"}:
            field += ("." if field else "") + (step if _NAMEABLE.fullmatch(step) else "(unknown)")
    return field or "body"


def _sentence(error: Any) -> str:
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    told = _SENTENCES.get(error["type"], "is not valid").format_map(error.get("ctx", {}))
    return _MEMBER.sub(r"\1", told)


async def _http(request: Request, error: Exception) -> Response:
    if isinstance(error, Problem):
        return error.response()
    assert isinstance(error, HTTPException)  # noqa: S101 -- Starlette looks the handler up by this class
    slug = {404: "not-found", 405: "method-not-allowed"}.get(error.status_code, "refused")
    headers = {"Allow": _allowed(request)} if error.status_code == 405 else error.headers
    return Problem(error.status_code, slug, HTTPStatus(error.status_code).description, headers).response()


def _allowed(request: Request) -> str:
    """Every method of the path: Starlette names those of the first route alone, and several may share a path.

    A path that is documented as it stands is that one, though a route with a parameter in its place would match it.
    """
    named = request.app.openapi()["paths"].get(request.scope["path"], {})
    routes = request.app.router.routes
    asked = ((method, {**request.scope, "method": method}) for method in METHODS)
    served = [method for method, one in asked if any(route.matches(one)[0] is Match.FULL for route in routes)]
    return ", ".join(method for method in served if not named or method.lower() in named)


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 -- as above
    return from_pydantic(error.errors()).response()


async def _not_ready(_request: Request, error: Exception) -> Response:
    return unavailable(str(error)).response()


async def _unexpected(_request: Request, _error: Exception) -> Response:
    return internal().response()
