"""One checked body to one record ready for Kafka; `now` is an argument: the wall clock's or a history's."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar
from uuid import UUID

import uuid_utils

from domain.acts import Recorded
from domain.events import Sealed, derived_id
from ingest import normalise
from ingest.act_bodies import ActBody
from ingest.bodies import InteractionBody, LeadBody, PatchBody
from ingest.normalise import BODY, Seal, Stamp
from runtime.keys import Keyring
from runtime.retention import Kind
from schemas.codec import encode, headers
from schemas.sealed import seal

TOPIC = "interactions"
B = TypeVar("B", bound=InteractionBody | LeadBody | PatchBody | ActBody)


@dataclass(frozen=True, slots=True)
class Origin:
    """Who sent it: the token's name, the `Idempotency-Key` and the `traceparent` of the request, if any.

    `item` is the index in a batch; it tells the ids under one key apart.
    """

    token: str
    idempotency_key: str | None = None
    traceparent: str | None = None
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """An event on its way to `interactions`; `topic` is the catalogue's name, without a prefix."""

    event: Recorded
    topic: str
    key: str
    value: bytes
    headers: list[tuple[str, bytes]]

    @property
    def type(self) -> str:
        """The event's name in the catalogue."""
        return dict(self.headers)["event-type"].decode()


def accept_interaction(body: InteractionBody, origin: Origin, now: datetime, keys: Keyring) -> Intake:
    """The record of an interaction.

    Raises normalise.Implausible for its time, NotReady if a key cannot be had, keys.Erased if it was destroyed.
    """
    return accept(body, origin, now, keys, normalise.interaction)


def accept_lead(body: LeadBody, origin: Origin, now: datetime, keys: Keyring) -> Intake:
    """The record of a household; raises the same."""
    return accept(body, origin, now, keys, normalise.lead)


def accept_patch(lead_id: str, body: PatchBody, origin: Origin, now: datetime, keys: Keyring) -> Intake:
    """The record of a household's changed parts; raises the same."""
    return accept(body, origin, now, keys, partial(normalise.patch, lead_id))


def accept(
    body: B, origin: Origin, now: datetime, keys: Keyring, record: Callable[[B, Stamp, Seal], Recorded]
) -> Intake:
    """What `record` makes of a body, framed for Kafka; raises the same."""
    stamp = Stamp(event_id(body.id, origin), _whole_milliseconds(now), origin.token)
    event = record(body, stamp, _sealing(keys, stamp, kept_as(body)))
    trace = [("traceparent", origin.traceparent.encode())] if origin.traceparent else []
    return Intake(event, TOPIC, event.lead_id, encode(TOPIC, event), [*headers(TOPIC, event), *trace])


def event_id(given: UUID | None, origin: Origin) -> str:
    """From the idempotency key and the token's name; else as given; else a new UUIDv7 (architecture 2.8)."""
    if origin.idempotency_key is not None:
        role, item = ("idempotency-key", 0) if origin.item is None else ("batch-item", origin.item)
        return derived_id(origin.token, origin.idempotency_key, role, item)
    return str(given or uuid_utils.uuid7())


def kept_as(body: InteractionBody | LeadBody | PatchBody | ActBody) -> Kind | None:
    """Which time limit its words have; a household's record has none."""
    if isinstance(body, InteractionBody):
        return "interaction"
    return "act" if isinstance(body, ActBody) else None


def _sealing(keys: Keyring, stamp: Stamp, kind: Kind | None) -> Seal:
    def sealed(subject: str, field: str, text: str) -> Sealed:
        lasting = field == BODY  # the same body has the same hash in another month, too
        whose = subject if lasting else keys.retention.dated(subject, kind, stamp.recorded_at)
        return seal(keys.of(whose), stamp.event_id, field, text)

    return sealed


def _whole_milliseconds(now: datetime) -> datetime:
    """As precise as a Kafka timestamp."""
    return now.astimezone(UTC).replace(microsecond=now.microsecond // 1000 * 1000)
