"""The routes of ingest: check, seal, write, and answer once the broker has it."""

import asyncio
from dataclasses import dataclass, field
from functools import partial

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from ingest import batches, examples
from ingest.answers import Answers, OtherBody
from ingest.batches import Told
from ingest.bodies import (
    BATCH_BYTES,
    Accepted,
    BatchAnswer,
    BatchBody,
    InteractionBody,
    LeadBody,
    PatchBody,
    SmsBody,
)
from ingest.clock import Clock
from ingest.intake import TOPIC, B, Intake, Origin, accept_interaction, accept_lead, accept_patch, kept_as
from ingest.normalise import subjects
from ingest.requests import HEADERS, LEAD, Accept, accepted, lead_in, origin, other_body, parsed
from runtime.keys import Keyring
from runtime.metrics import Metrics
from runtime.openapi import JsonRoute, Operation
from runtime.outlet import Unacknowledged, Writer
from runtime.problems import Problem
from runtime.settings import Settings
from runtime.tokens import Scope

LONG = 4_000
"""Characters beyond which reading a transcript takes milliseconds: off the loop then, as is asking Postgres."""

_INTERACTION = TypeAdapter(InteractionBody)
_SMS = TypeAdapter(SmsBody)
_LEAD = TypeAdapter(LeadBody)
_PATCH = TypeAdapter(PatchBody)


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
        return await self.take(request, origin(request, Scope.INGEST), _INTERACTION, accept_interaction)

    async def sms(self, request: Request) -> Response:
        """Take one SMS of a conversation."""
        return await self.take(request, origin(request, Scope.INGEST), _SMS, accept_interaction)

    async def lead(self, request: Request) -> Response:
        """Take one household's record."""
        return await self.take(request, origin(request, Scope.INGEST), _LEAD, accept_lead)

    async def lead_patch(self, request: Request) -> Response:
        """Take the changed parts of one household's record."""
        sender = origin(request, Scope.INGEST)
        return await self.take(request, sender, _PATCH, partial(accept_patch, lead_in(request)))

    async def interaction_batch(self, request: Request) -> Response:
        """Take many interactions: all are produced, then all acknowledgements are waited for together."""
        sender = origin(request, Scope.INGEST)
        listed = batches.items(await request.body())
        told = await asyncio.to_thread(batches.prepared, listed, sender, self.clock(), self.keys)
        ends = await self._all_written(told, sender)
        answer = batches.answer(ends).model_dump_json(exclude_none=True)
        return Response(answer, 207, media_type="application/json")

    async def take(
        self, request: Request, sender: Origin, adapter: TypeAdapter[B], accept: Accept[B]
    ) -> Response:
        """Check the body, make its record and write it."""
        body = parsed(adapter, await request.body())
        return await self.answer(await self.accepted(body, sender, accept), sender)

    async def accepted(self, body: B, sender: Origin, accept: Accept[B]) -> Intake:
        """The record of a checked body; where that may have to wait, off the loop."""
        if self._is_quick(body):
            return accepted(accept, body, sender, self.clock(), self.keys)
        return await asyncio.to_thread(accepted, accept, body, sender, self.clock(), self.keys)

    def _is_quick(self, body: B) -> bool:
        if not isinstance(body, InteractionBody | LeadBody):
            return False  # acts are rare
        text = body.transcript if isinstance(body, InteractionBody) else None
        dated = (
            self.keys.retention.dated(subject, kept_as(body), self.clock()) for subject in subjects(body)
        )
        needed = {*subjects(body), *dated}
        return len(text or "") <= LONG and all(self.keys.held(subject) for subject in needed)

    async def answer(self, intake: Intake, sender: Origin) -> Response:
        """The broker's answer, or the one that the same idempotency key got before."""
        answer = await self._answer(intake, sender)
        return Response(answer.model_dump_json(), 202, media_type="application/json")

    async def _answer(self, intake: Intake, sender: Origin) -> Accepted:
        event = intake.event
        if sender.idempotency_key is None:
            return await self._written(intake)
        try:
            answer = self.answers.get(event.event_id, event.body_hash) or await self._written(intake)
        except OtherBody:
            raise other_body() from None
        self.answers.put(event.event_id, event.body_hash, answer)
        return answer

    async def _written(self, intake: Intake) -> Accepted:
        topic = self.settings.topic(intake.topic)
        try:
            answer = batches.settle(
                intake, await self.outlet.send(topic, intake.key, intake.value, intake.headers)
            )
        except Unacknowledged as unsure:
            answer = batches.settle(intake, unsure)
        if isinstance(answer, Problem):
            raise answer
        self.metrics.produced(intake.type)
        return answer

    async def _all_written(self, told: list[Told], sender: Origin) -> list[Accepted | Problem]:
        """The same for many, without a task or a wake-up for each."""
        if sender.idempotency_key is not None:
            told = [batches.known(one, self.answers) for one in told]
        written = await self.outlet.send_all(self.settings.topic(TOPIC), batches.outgoing(told))
        ends = batches.settled(told, written)
        for one, end in zip(told, ends, strict=True):
            if isinstance(one, Intake) and isinstance(end, Accepted):
                self.metrics.produced(one.type)
                if sender.idempotency_key is not None:
                    self.answers.put(one.event.event_id, one.event.body_hash, end)
        return ends


def routes(desk: Desk) -> list[JsonRoute]:
    """The routes that write events."""
    interaction = Operation(
        "Tell of a call, SMS or e-mail", InteractionBody, Accepted, HEADERS, examples.INTERACTIONS
    )
    sms = Operation("Tell of an SMS that is part of a conversation", SmsBody, Accepted, HEADERS, examples.SMS)
    batch = Operation(
        "Tell of many calls, SMS and e-mails",
        BatchBody,
        BatchAnswer,
        HEADERS,
        examples.BATCHES,
        status=207,
        body_limit=BATCH_BYTES,
    )
    lead = Operation("Tell of a household's record", LeadBody, Accepted, HEADERS, examples.LEADS)
    patch = Operation(
        "Tell of changes to a household's record",
        PatchBody,
        Accepted,
        HEADERS,
        examples.PATCHES,
        method="PATCH",
        path=LEAD,
    )
    return [
        JsonRoute("/api/interactions", desk.interaction, interaction),
        JsonRoute("/api/interactions/sms", desk.sms, sms),
        JsonRoute("/api/interactions/batch", desk.interaction_batch, batch),
        JsonRoute("/api/leads", desk.lead, lead),
        JsonRoute("/api/leads/{lead_id}", desk.lead_patch, patch),
    ]
