"""What a request says of itself, and what is wrong with its body, in one place for every route."""

import re
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from ingest.identifiers import opaque
from ingest.intake import B, Intake, Origin
from ingest.normalise import Implausible
from runtime.keys import Erased, Keyring
from runtime.problems import Problem, from_pydantic, invalid
from runtime.tokens import Scope
from runtime.web import caller

HEADERS = {
    "Idempotency-Key": "a retry under the same key is the same event; the event's id is made from it",
    "traceparent": "W3C trace context, passed on as a Kafka header",
}
"""What `origin` reads, for the document."""
LEAD = {"lead_id": "the household, by its opaque id"}
"""What `lead_in` reads, for the document."""

Accept = Callable[[B, Origin, datetime, Keyring], Intake]

_KEY = re.compile(r"[ -~]{1,255}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def origin(request: Request, scope: Scope) -> Origin:
    """Who sent it; raises the problems 403 and 422. A malformed trace is left out."""
    token = caller(request, scope)
    key = request.headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise invalid(("Idempotency-Key", "must be 1 to 255 printable characters"))
    trace = request.headers.get("traceparent", "")
    return Origin(token.name, key, trace if _TRACEPARENT.fullmatch(trace) else None)


def lead_in(request: Request) -> str:
    """The household that the path names; raises the problem 422."""
    try:
        return opaque(request.path_params["lead_id"])
    except ValueError as wrong:
        raise invalid(("lead_id", str(wrong))) from None


def id_in(request: Request, name: str, unknown: Problem) -> str:
    """What the path names by an id of ours; raises `unknown` for what is no UUID, as all of them are."""
    try:
        return str(UUID(request.path_params[name]))
    except ValueError:
        raise unknown from None


def parsed(adapter: TypeAdapter[B], data: bytes) -> B:
    """The checked body; raises the problems 400 and 422."""
    try:
        return adapter.validate_json(data)
    except ValidationError as wrong:
        raise from_pydantic(wrong.errors(include_url=False, include_input=False)) from None


def accepted(accept: Accept[B], body: B, origin: Origin, now: datetime, keys: Keyring) -> Intake:
    """The record of a checked body; raises the problems 410 and 422, and NotReady if a key cannot be had."""
    try:
        return accept(body, origin, now, keys)
    except Implausible as wrong:
        raise invalid((wrong.field, str(wrong))) from None
    except Erased:
        raise Problem(
            410, "erased", "This person was erased; nothing about them is taken any more."
        ) from None


def other_body() -> Problem:
    """The key was used before with another body."""
    return invalid(("Idempotency-Key", "was used before with another body"))
