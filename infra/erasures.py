"""Erasure from the command line: how much there is of whom, the act on `interactions`, and the receipt."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from pydantic import ValidationError

from ingest.erasures import ErasureBody, accept_erasure
from ingest.identifiers import opaque
from ingest.intake import TOPIC, Origin
from projections.connections import in_schema
from runtime.errors import RuntimeFault
from runtime.keys import answering, household
from runtime.outlet import Outlet
from runtime.settings import Settings

ACTOR = Origin(token="academy-erase")  # noqa: S106 - the name of who tells it, no secret
PAUSE_S = 0.2

_KEYS = """
SELECT count(*) FROM keys
WHERE (subject = %(whose)s OR starts_with(subject, %(whose)s || '/') OR starts_with(subject, %(whose)s || '@'))
"""
_LEFT = f"{_KEYS} AND wrapped IS NOT NULL"
_RECEIPT = "SELECT receipt FROM erasures WHERE partition = %s AND root_offset = %s"


class NobodyKnown(RuntimeFault):
    """Of this household or person nothing is kept, or not any more."""


@dataclass(frozen=True, slots=True)
class Whom:
    """A household, or one person of it as `g/<id>` or `c/<id>`."""

    lead_id: str
    subject: str | None

    @property
    def keys(self) -> str:
        """As the table of keys names them."""
        return household(self.lead_id) if self.subject is None else f"{self.lead_id}/{self.subject}"


def whom(lead_id: str, subject: str | None) -> Whom:
    """Both checked; raises NobodyKnown with a sentence for what cannot be an id."""
    try:
        return Whom(opaque(lead_id), ErasureBody(subject=subject).subject)
    except ValidationError as wrong:
        said = wrong.errors()[0]["msg"].removeprefix("Value error, ")
        raise NobodyKnown(f"--subject {said}") from None
    except ValueError as wrong:
        raise NobodyKnown(f"the household {wrong}") from None


def keys_of(settings: Settings, who: Whom) -> int:
    """How many keys would be destroyed; raises NobodyKnown where none is or was."""
    known, left = (_one(settings, query, {"whose": who.keys})[0] for query in (_KEYS, _LEFT))
    if not known:
        raise NobodyKnown("nothing of this household or person is kept here: no key was ever made for them")
    if not left:
        raise NobodyKnown("they were erased before; GET /api/leads/{lead_id}/erasures has the receipt")
    return int(left)


def erase(settings: Settings, who: Whom) -> tuple[int, int]:
    """Write that they are to be forgotten; where it stands: partition and offset of `interactions`."""
    keys = answering(settings)
    try:
        body = ErasureBody(subject=who.subject)
        intake = accept_erasure(who.lead_id, body, ACTOR, datetime.now(UTC), keys)
    finally:
        keys.close()
    with Outlet(settings) as outlet:
        topic = settings.topic(TOPIC)
        written = outlet.write(topic, intake.key, intake.value, intake.headers).result()
    return written.partition, written.offset


def receipt(
    settings: Settings,
    place: tuple[int, int],
    seconds: float,
    clock: Callable[[], float] = time.monotonic,
) -> dict[str, Any] | None:
    """What was done about the erasure at this place; None if nothing was within so many seconds."""
    until = clock() + seconds
    while True:
        row = _one(settings, _RECEIPT, place)
        if row and row[0] is not None:
            found: dict[str, Any] = row[0]
            return found
        if clock() > until:
            return None
        time.sleep(PAUSE_S)


def _one(settings: Settings, query: str, given: Any) -> Any:
    assert settings.postgres is not None  # noqa: S101 - `connected` and `broker` give one
    with psycopg.connect(in_schema(settings.postgres.get_secret_value(), settings.schema_name)) as database:
        return database.execute(query.encode(), given).fetchone()
