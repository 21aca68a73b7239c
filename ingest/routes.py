"""The routes of ingest: check, seal, write, and answer once the broker has it."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from ingest import examples
from ingest.answers import Answers, OtherBody
from ingest.bodies import Accepted, InteractionBody, LeadBody
from ingest.clock import Clock
from ingest.intake import B, Intake, Origin, accept_interaction, accept_lead
from ingest.normalise import Implausible, subjects
from runtime.keys import Erased, Keyring
from runtime.metrics import Metrics
from runtime.openapi import JsonRoute, Operation
from runtime.outlet import Unacknowledged, Writer
from runtime.problems import Problem, from_pydantic, invalid, unavailable
from runtime.settings import Settings
from runtime.tokens import Scope
from runtime.web import caller

LONG = 4_000
"""Characters beyond which reading a transcript takes milliseconds: off the loop then, as is asking Postgres."""

_INTERACTION = TypeAdapter(InteractionBody)
_LEAD = TypeAdapter(LeadBody)
_KEY = re.compile(r"[ -~]{1,255}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_HEADERS = {
    "Idempotency-Key": "a retry under the same key is the same event; the event's id is made from it",
    "traceparent": "W3C trace context, passed on as a Kafka header",
}

Accept = Callable[[B, Origin, datetime, Keyring], Intake]


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that the routes need, passed once."""

    settings: Settings
    outlet: Writer
    keys: Keyring
    clock: Clock
    metrics: Metrics
    answers: Answers = field(default_factory=Answers)

    async def interaction(self, request: Request) -> Response:
        """Take one interaction."""
        return await self._take(request, _INTERACTION, accept_interaction)

    async def lead(self, request: Request) -> Response:
        """Take one household's record."""
        return await self._take(request, _LEAD, accept_lead)

    async def _take(self, request: Request, adapter: TypeAdapter[B], accept: Accept[B]) -> Response:
        origin = _origin(request)
        body = _parsed(adapter, await request.body())
        intake = await self._accepted(body, origin, accept)
        answer = await self._answer(intake, origin)
        return Response(answer.model_dump_json(), 202, media_type="application/json")

    async def _accepted(self, body: B, origin: Origin, accept: Accept[B]) -> Intake:
        try:
            if self._is_quick(body):
                return accept(body, origin, self.clock(), self.keys)
            return await asyncio.to_thread(accept, body, origin, self.clock(), self.keys)
        except Implausible as wrong:
            raise invalid(("occurred_at", str(wrong))) from None
        except Erased:
            raise Problem(
                410, "erased", "This person was erased; nothing about them is taken any more."
            ) from None

    def _is_quick(self, body: InteractionBody | LeadBody) -> bool:
        text = body.transcript if isinstance(body, InteractionBody) else None
        return len(text or "") <= LONG and all(self.keys.held(subject) for subject in subjects(body))

    async def _answer(self, intake: Intake, origin: Origin) -> Accepted:
        """The broker's, or the one that the same idempotency key got before."""
        event = intake.event
        if origin.idempotency_key is None:
            return await self._written(intake)
        try:
            answer = self.answers.get(event.event_id, event.body_hash) or await self._written(intake)
        except OtherBody:
            raise invalid(("Idempotency-Key", "was used before with another body")) from None
        self.answers.put(event.event_id, event.body_hash, answer)
        return answer

    async def _written(self, intake: Intake) -> Accepted:
        try:
            written = await self.outlet.send(
                self.settings.topic(intake.topic), intake.key, intake.value, intake.headers
            )
        except Unacknowledged as unsure:
            raise unavailable(
                f"{unsure}: send it again with this id, or with the same Idempotency-Key.",
                type="unacknowledged",
                event_id=intake.event.event_id,
            ) from None
        self.metrics.produced(intake.type)
        return Accepted(
            event_id=intake.event.event_id,
            topic=written.topic,
            partition=written.partition,
            offset=written.offset,
        )


def routes(desk: Desk) -> list[JsonRoute]:
    """The routes that write events."""
    interaction = Operation(
        "Tell of a call, SMS or e-mail", InteractionBody, Accepted, _HEADERS, examples.INTERACTIONS
    )
    lead = Operation("Tell of a household's record", LeadBody, Accepted, _HEADERS, examples.LEADS)
    return [
        JsonRoute("/api/interactions", desk.interaction, interaction),
        JsonRoute("/api/leads", desk.lead, lead),
    ]


def _origin(request: Request) -> Origin:
    token = caller(request, Scope.INGEST)
    key = request.headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise invalid(("Idempotency-Key", "must be 1 to 255 printable characters"))
    trace = request.headers.get("traceparent", "")
    return Origin(token.name, key, trace if _TRACEPARENT.fullmatch(trace) else None)


def _parsed(adapter: TypeAdapter[B], data: bytes) -> B:
    try:
        return adapter.validate_json(data)
    except ValidationError as wrong:
        raise from_pydantic(wrong.errors(include_url=False, include_input=False)) from None
