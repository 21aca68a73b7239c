"""Many interactions of one request: each prepared, written and answered by itself, in order."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import msgspec
from pydantic import TypeAdapter

from ingest.answers import Answers, OtherBody
from ingest.bodies import BATCH_LIMIT, Accepted, BatchAnswer, BatchItem, InteractionBody
from ingest.intake import Intake, Origin, accept_interaction
from ingest.requests import accepted, other_body, parsed
from runtime.errors import NotReady
from runtime.keys import Keyring
from runtime.openapi import ProblemBody
from runtime.outlet import Outgoing, Unacknowledged, Written
from runtime.problems import Problem, invalid, unavailable

Told = Intake | Accepted | Problem
"""What is known of an item: still to be written, acknowledged, or refused."""

_ITEM = TypeAdapter(InteractionBody)
_LISTED = msgspec.json.Decoder(list[msgspec.Raw])


def items(data: bytes) -> list[bytes]:
    """The texts of a JSON list's items, each still unread; raises the problems 400 and 422 for the whole."""
    try:
        listed = [bytes(item) for item in _LISTED.decode(data)]
    except msgspec.ValidationError:
        raise invalid(("body", "must be a list")) from None
    except (msgspec.DecodeError, RecursionError):
        raise Problem(400, "malformed", "The body is not JSON.") from None
    if not 1 <= len(listed) <= BATCH_LIMIT:
        raise invalid(("body", f"must have 1 to {BATCH_LIMIT} items; send the others in another batch"))
    return listed


def prepared(listed: Sequence[bytes], origin: Origin, now: datetime, keys: Keyring) -> list[Told]:
    """Each item as a record ready to be written, or what is wrong with it.

    Once a lead's item has to be sent again, its later ones have to wait for it: so order is kept per lead.
    """
    told: list[Told] = []
    waiting: set[str] = set()
    for index, data in enumerate(listed):
        sender = replace(origin, item=index) if origin.idempotency_key is not None else origin
        try:
            told.append(_prepared(data, sender, now, keys, waiting))
        except Problem as problem:
            told.append(problem)
    return told


def known(told: Told, answers: Answers) -> Told:
    """The answer that the same idempotency key got before, if there is one."""
    if not isinstance(told, Intake):
        return told
    try:
        return answers.get(told.event.event_id, told.event.body_hash) or told
    except OtherBody:
        return other_body()


def outgoing(told: Sequence[Told]) -> list[Outgoing]:
    """What has to be written, in order."""
    return [Outgoing(one.key, one.value, one.headers) for one in told if isinstance(one, Intake)]


def settled(told: Sequence[Told], written: Sequence[Written | Unacknowledged]) -> list[Accepted | Problem]:
    """Every item's end; `written` answers those that were `outgoing`, in their order."""
    results = iter(written)
    return [settle(one, next(results)) if isinstance(one, Intake) else one for one in told]


def settle(intake: Intake, result: Written | Unacknowledged) -> Accepted | Problem:
    """The broker's word as an answer."""
    event_id = intake.event.event_id
    if isinstance(result, Written):
        return Accepted(
            event_id=event_id, topic=result.topic, partition=result.partition, offset=result.offset
        )
    return unavailable(
        f"{result}: send it again with this id, or with the same Idempotency-Key.",
        type="unacknowledged",
        event_id=event_id,
    )


def answer(ends: Sequence[Accepted | Problem]) -> BatchAnswer:
    """All answers in the order of the items."""
    return BatchAnswer([_item(index, end) for index, end in enumerate(ends)])


def _prepared(data: bytes, origin: Origin, now: datetime, keys: Keyring, waiting: set[str]) -> Intake:
    body = parsed(_ITEM, data)
    if body.lead_id in waiting:
        raise unavailable(
            "An earlier item of this lead has to be sent again first; send this one after it.", "held-back"
        )
    try:
        return accepted(accept_interaction, body, origin, now, keys)
    except NotReady as away:
        waiting.add(body.lead_id)
        raise unavailable(str(away)) from None


def _item(index: int, end: Accepted | Problem) -> BatchItem:
    if isinstance(end, Problem):
        problem = ProblemBody.model_validate(end.body)
        return BatchItem(index=index, status=end.status_code, event_id=problem.event_id, problem=problem)
    return BatchItem(
        index=index,
        status=202,
        event_id=end.event_id,
        topic=end.topic,
        partition=end.partition,
        offset=end.offset,
    )
