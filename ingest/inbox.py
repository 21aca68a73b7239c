"""Ingest for those who prefer Kafka to HTTP: `inbox` in clear to `interactions`, checked and sealed alike."""

from functools import partial
from typing import Any, assert_never

import msgspec
from pydantic import TypeAdapter

from domain.events import derived_id
from domain.offers import AttendanceOffered, InteractionOffered, LeadOffered, Offered, PaymentOffered
from ingest.act_bodies import AttendanceBody, PaymentBody
from ingest.acts import accept_attendance, accept_payment
from ingest.bodies import InteractionBody, LeadBody, SmsBody
from ingest.intake import TOPIC, Intake, Origin, accept_interaction, accept_lead
from ingest.requests import accepted, parsed
from runtime.errors import Rejected
from runtime.keys import Keyring, answering
from runtime.problems import Problem
from runtime.service import run
from runtime.settings import Settings
from runtime.transform import Output, Record, Transform, Wake

SENDER = Origin(token="inbox")  # noqa: S106 - the name of a sender, no secret
"""No token and no `Idempotency-Key` come by this way; the loop itself passes the trace on."""

_OWN = ("event_id", "buffered")
"""Fields that HTTP calls otherwise, or says by the route."""

_OF_SMS = ("channel", "outcome")
"""Fields of which a buffered interaction may say less."""

_INTERACTION = TypeAdapter(InteractionBody)
_SMS = TypeAdapter(SmsBody)
_LEAD = TypeAdapter(LeadBody)
_ATTENDANCE = TypeAdapter(AttendanceBody)
_PAYMENT = TypeAdapter(PaymentBody)


def handle(keys: Keyring, _state: None, record: Record | Wake) -> tuple[None, tuple[Output, ...]]:
    """One offer as HTTP would have taken it, at the broker's time; raises Rejected with HTTP's own sentence."""
    assert isinstance(record, Record)  # noqa: S101 - without state nothing is ever due
    event: Offered = record.value
    body = msgspec.json.encode(_told({**msgspec.to_builtins(event), "id": event_id(record)}))
    try:
        intake = _accept(event, body, record, keys)
    except Problem as problem:
        raise Rejected(
            sentence(problem, buffered=isinstance(event, InteractionOffered) and event.buffered)
        ) from None
    return None, (Output(TOPIC, intake.key, intake.event),)


def sentence(problem: Problem, *, buffered: bool = False) -> str:
    """What is wrong, as one line; a field under the name that it has on the topic, and `buffered` where it is why."""
    listed = problem.body.get("errors")
    if not listed:
        return str(problem.detail)
    names = {"id": "event_id"}
    why = dict.fromkeys(_OF_SMS, " where buffered is true") if buffered else {}
    return "; ".join(
        f"{names.get(field := one['field'], field)} {one['message']}{why.get(field, '')}" for one in listed
    )


def _accept(event: Offered, body: bytes, record: Record, keys: Keyring) -> Intake:
    match event:
        case InteractionOffered(buffered=True):
            return accepted(accept_interaction, parsed(_SMS, body), SENDER, record.now, keys)
        case InteractionOffered():
            return accepted(accept_interaction, parsed(_INTERACTION, body), SENDER, record.now, keys)
        case LeadOffered():
            return accepted(accept_lead, parsed(_LEAD, body), SENDER, record.now, keys)
        case AttendanceOffered():
            return accepted(accept_attendance, parsed(_ATTENDANCE, body), SENDER, record.now, keys)
        case PaymentOffered():
            return accepted(accept_payment, parsed(_PAYMENT, body), SENDER, record.now, keys)
        case _:
            assert_never(event)


def event_id(record: Record) -> str:
    """Of the event that an offer becomes: as given, else from where and when the broker put it (architecture 2.8)."""
    given: str | None = record.value.event_id
    if given is not None:
        return given
    place = f"{record.topic}/{record.partition}/{record.offset}/{record.now.isoformat()}"
    return derived_id(record.key, place, "offered")


def _told(value: Any) -> Any:
    """Without what is null: for HTTP, too, absent is how a field says nothing."""
    if isinstance(value, dict):
        return {name: _told(one) for name, one in value.items() if one is not None and name not in _OWN}
    if isinstance(value, list | tuple):
        return [_told(one) for one in value]
    return value


def build(keys: Keyring) -> Transform[None]:
    """`inbox` into `interactions`: nothing rests on an earlier record, so there is no state to keep."""
    return Transform(
        name="ingest",
        sources=("inbox",),
        changelog=None,
        handle=partial(handle, keys),
        outside=True,
    )


def main() -> None:
    """Run until asked to stop."""
    settings = Settings()
    run(lambda _metrics: build(answering(settings)), settings)
