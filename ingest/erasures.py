"""That somebody is to be forgotten: the one act that has no words, and no way back."""

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Annotated

from pydantic import AfterValidator, TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from domain.acts import ErasureTold
from domain.subjects import child, guardian
from ingest.act_bodies import ActBody
from ingest.act_routes import ActsDesk
from ingest.acts import told
from ingest.bodies import Accepted
from ingest.identifiers import opaque
from ingest.intake import Intake, Origin, accept
from ingest.normalise import Seal, Stamp, body_hash
from ingest.requests import HEADERS, LEAD, lead_in, origin, parsed
from runtime.keys import Keyring, household
from runtime.openapi import JsonRoute, Operation
from runtime.problems import Problem, invalid
from runtime.tokens import Scope

NAMED = {"subject": "whom alone: `g/<guardian id>` or `c/<child id>`; absent: the whole household"}
PROBLEMS = {"404": "Nothing of this household or person is kept here."}


def named(text: str) -> str:
    """A person of a household, as the keys name them; raises ValueError with a sentence."""
    kind, _, person = text.partition("/")
    subject = {"g": guardian, "c": child}.get(kind)
    if subject is None:
        raise ValueError("must be g/ and a guardian's id, or c/ and a child's")
    return subject(opaque(person))


class ErasureBody(ActBody):
    """A household is to be forgotten, or one person of it: their key is destroyed, and nothing opens again."""

    subject: Annotated[str, AfterValidator(named)] | None = None


_ERASURE = TypeAdapter(ErasureBody)


def accept_erasure(lead_id: str, body: ErasureBody, origin: Origin, now: datetime, keys: Keyring) -> Intake:
    """The record that somebody is to be forgotten.

    Raises NotReady if the household's key cannot be had, keys.Erased if it was destroyed.
    """
    return accept(body, origin, now, keys, partial(_erasure, lead_id))


def _erasure(lead_id: str, body: ErasureBody, stamp: Stamp, seal: Seal) -> ErasureTold:
    return ErasureTold(
        **told(lead_id, body, stamp),
        subject=body.subject,
        actor=stamp.actor,
        body_hash=body_hash(body, household(lead_id), seal, "erasure"),
    )


@dataclass(frozen=True, slots=True)
class ErasuresDesk:
    """The desk of acts; it asks of whom a key is kept."""

    acts: ActsDesk

    async def lead_erasure(self, request: Request) -> Response:
        """Take that somebody is to be forgotten."""
        sender, lead_id = origin(request, Scope.ADMIN), lead_in(request)
        if await request.body():
            raise Problem(400, "no-body", "An erasure takes no body; name a person by ?subject=.")
        if unknown := set(request.query_params) - set(NAMED):
            raise invalid((min(unknown), "is unknown"))
        body = parsed(_ERASURE, json.dumps(dict(request.query_params)).encode())
        who = household(lead_id) if body.subject is None else f"{lead_id}/{body.subject}"
        if not await asyncio.to_thread(self.acts.decisions.keyed, who):
            raise Problem(404, "not-found", "Nothing of this household or person is kept here.")
        desk = self.acts.desk
        return await desk.answer(await desk.accepted(body, sender, partial(accept_erasure, lead_id)), sender)


def routes(erasures: ErasuresDesk) -> list[JsonRoute]:
    """The route that forgets."""
    erasure = Operation("Forget a household, or one person of it", None, Accepted, HEADERS)
    return [
        JsonRoute(
            "/api/leads/{lead_id}",
            erasures.lead_erasure,
            replace(erasure, method="DELETE", path=LEAD, query=NAMED, problems=PROBLEMS),
        )
    ]
