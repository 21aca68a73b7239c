"""`inbox` to `interactions`: the same events as over HTTP, the same sentences, and nothing that stops it."""

import io
import json
import struct
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import fastavro
import msgspec
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from domain.acts import ConsentTold, StatusTold
from domain.events import Tick
from domain.offers import AttendanceOffered, InteractionOffered, LeadOffered, Offered, PaymentOffered
from domain.vocabulary import Consent, Refusal, Status, Told
from ingest import examples
from ingest.inbox import build
from runtime.driver import Driver
from runtime.envelope import LETTER_BYTES
from runtime.errors import NotReady
from runtime.state import Partition
from runtime.transform import Emit, Message
from schemas.codec import decode, encode
from schemas.registry import latest, schemas
from tests.unit.ingest.conftest import NOW, Ingest
from tests.unit.ingest.doubles import MemoryKeys
from tests.unit.ingest.offers import interaction, offer
from tests.unit.ingest.test_act_refusals import OWN as WRONG_ACTS
from tests.unit.ingest.test_act_refusals import PAYMENT_AT, SESSION_AT
from tests.unit.ingest.test_refusals import INTERACTIONS, LEADS

APPENDED = NOW.replace(microsecond=123_000)
"""The broker's time of every record here, when HTTP would have taken it too."""
EVENT = "0198c5c2-6f3a-7c11-9d1e-8a6a3f0b7d42"
HOUSEHOLD = offer(examples.LEADS["household"], LeadOffered)
TRACE = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
SAID = "Parent: My number is +1 312 555 0142, ask for Ada Example."


class Inbox:
    """One partition of it, message by message, with every message that it wrote."""

    def __init__(self, keys: MemoryKeys | None = None) -> None:
        self.keys = keys or MemoryKeys()
        self.partition: Partition[None] = Partition(build(self.keys), 3)
        self.offset = -1

    def put(self, key: bytes | None, data: bytes | None, **changes: Any) -> Emit:
        """What one message became."""
        self.offset += 1
        message = Message("inbox", 3, self.offset, key, data, [], APPENDED)
        self.partition.take(msgspec.structs.replace(message, **changes))
        (emit,) = self.partition.emits
        assert list(self.partition.changes()) == []
        self.partition.fold()
        return emit

    def offer(self, said: Offered, **changes: Any) -> Emit:
        return self.put(said.lead_id.encode(), encode("inbox", said), **changes)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


def reason(emit: Emit) -> str:
    """Why a message is a dead letter."""
    assert emit.topic == "ingest.dead"
    return dict(emit.headers)["dead-reason"].decode()


def event(emit: Emit) -> Any:
    """What went on to `interactions`."""
    assert emit.topic == "interactions", dict(emit.headers)
    return decode("interactions", emit.value or b"")


GOOD = [
    *((InteractionOffered, "/api/interactions", body) for body in examples.INTERACTIONS.values()),
    *((LeadOffered, "/api/leads", body) for body in examples.LEADS.values()),
    *((AttendanceOffered, "/api/attendance", body) for body in examples.SESSIONS.values()),
    *((PaymentOffered, "/api/payments", body) for body in examples.PAYMENTS.values()),
    (LeadOffered, "/api/leads", {**examples.LEADS["household"], "occurred_at": "2026-05-05T12:00:00Z"}),
]


@pytest.mark.parametrize(("kind", "path", "body"), GOOD)
def test_it_is_byte_for_byte_the_event_of_http(
    ingest: Ingest, kind: type[Offered], path: str, body: dict[str, Any]
) -> None:
    if "occurred_at" in body:  # Avro has moments, no offsets
        at = datetime.fromisoformat(body["occurred_at"]).astimezone(UTC)
        body = {**body, "occurred_at": at.isoformat().replace("+00:00", "Z")}
    body = {**body, "id": EVENT}
    assert ingest.post(path, body, traceparent=TRACE.decode()).status_code == 202
    said = offer(body, kind)
    assert said

    emit = Inbox(ingest.keys).offer(said, headers=[("traceparent", TRACE)])

    ((key, value, headers),) = ingest.outlet.records()
    assert (emit.topic, emit.key, emit.value, emit.headers) == ("interactions", key.encode(), value, headers)


def test_without_an_id_it_is_made_from_where_and_when_the_broker_put_it(inbox: Inbox) -> None:
    first = inbox.offer(interaction())
    again = Inbox(inbox.keys).offer(interaction())
    next_one = inbox.offer(interaction())
    after_a_new_topic = Inbox(inbox.keys).offer(interaction(), appended=APPENDED + timedelta(days=1))

    assert first == again, "a redo makes the same"
    ids = [event(each).event_id for each in (first, next_one, after_a_new_topic)]
    assert len(set(ids)) == 3


def test_a_given_id_is_the_events(inbox: Inbox) -> None:
    emit = inbox.offer(interaction(event_id=EVENT.upper()))

    assert event(emit).event_id == EVENT
    assert dict(emit.headers)["event-id"] == EVENT.encode()


def test_it_is_recorded_when_the_broker_got_it_though_its_clock_went_back(inbox: Inbox) -> None:
    early = APPENDED - timedelta(seconds=9)

    inbox.offer(interaction())

    assert event(inbox.offer(interaction(), appended=early)).recorded_at == early


def test_the_key_alone_places_it_for_a_stock_client_has_another_partitioner(inbox: Inbox) -> None:
    assert inbox.offer(interaction()).partition is None
    assert inbox.put(b"lead-ada", b"nonsense").partition == 3


def test_no_word_goes_on_in_clear(inbox: Inbox) -> None:
    assert isinstance(HOUSEHOLD, LeadOffered)
    told = [
        inbox.offer(interaction(transcript=SAID, external_ref="CRM-7"), headers=[("traceparent", b"Ada")]),
        inbox.offer(HOUSEHOLD),
    ]

    for emit in told:
        event(emit)
        shown = (emit.key or b"") + (emit.value or b"") + repr(emit.headers).encode()
        assert not [word for word in (b"Ada", b"312 555", b"CRM-7", b"Trial", b"@example") if word in shown]


def test_s1_a_refusal_comes_by_this_way_and_silence_grants_nothing_new(inbox: Inbox) -> None:
    assert isinstance(HOUSEHOLD, LeadOffered)
    refused = replace(HOUSEHOLD, guardians=(replace(HOUSEHOLD.guardians[0], consent=Refusal.OPTED_OUT),))

    consents = [event(inbox.offer(each)).guardians[0].consent for each in (refused, HOUSEHOLD)]

    assert consents == [Consent.OPTED_OUT, Consent.CONTACTABLE], "and a record lifts no refusal"


def test_s1_a_grant_cannot_be_said_with_the_schema() -> None:
    (schema,) = (one for one in latest().values() if one.subject == "inbox-lead")
    guardian = {"guardian_id": "g1", "consent": "contactable"}
    said = {"lead_id": "lead-ada", "time_zone": "Europe/Berlin", "guardians": [guardian], "children": []}

    with pytest.raises(ValueError, match="contactable"):
        fastavro.schemaless_writer(io.BytesIO(), fastavro.parse_schema(json.loads(schema.text)), said)


RECORDS: dict[str, type[Offered]] = {SESSION_AT: AttendanceOffered, PAYMENT_AT: PaymentOffered}
REFUSED: list[tuple[type[Offered], str, Any]] = [
    *((RECORDS[path], path, body) for path, body, _field in WRONG_ACTS if path in RECORDS),
    *((InteractionOffered, "/api/interactions", body) for body, _field in INTERACTIONS),
    *((LeadOffered, "/api/leads", body) for body, _field in LEADS),
]
SAYABLE = [
    (path, body, said)
    for kind, path, body in REFUSED
    if isinstance(body, dict) and (said := offer(body, kind)) is not None
]


@pytest.mark.parametrize(("path", "body", "said"), SAYABLE)
def test_what_http_refuses_is_a_dead_letter_with_the_same_sentence(
    inbox: Inbox, ingest: Ingest, path: str, body: Any, said: Offered
) -> None:
    answer = ingest.post(path, body).json()

    emit = inbox.offer(said)

    listed = [f"{error['field']} {error['message']}" for error in answer["errors"]]
    assert reason(emit).replace("event_id ", "id ") == "; ".join(listed)
    assert "zzyzx" not in reason(emit).lower()
    assert dict(emit.headers)["dead-class"] == b"Rejected"
    assert emit.value == encode("inbox", said)
    assert inbox.keys.table == {}


def test_so_much_of_what_http_refuses_can_be_said_at_all() -> None:
    said = Counter(path for path, _body, _said in SAYABLE)

    assert said.total() > 40
    assert min(said["/api/attendance"], said["/api/payments"]) >= 5


def test_every_wrong_field_is_named_under_its_name_on_the_topic(inbox: Inbox) -> None:
    emit = inbox.offer(interaction(event_id="Ada", duration_s=-1))

    assert reason(emit) == "event_id must be a UUID; duration_s must be at least 0"


CONSENT = ConsentTold(
    "e-1", "lead-ada", NOW, NOW, None, Consent.CONTACTABLE, false_detection=False, reason=None, actor="x",
    body_hash=b"",
)  # fmt: skip
STATUS = StatusTold("e-2", "lead-ada", NOW, NOW, Status.ENROLLED, Told.OBSERVED, None, "x", b"")
ADA = encode("inbox", interaction())


@pytest.mark.parametrize(
    ("key", "data", "why"),
    [
        pytest.param(b"lead-ada", b"Ada Example", "no Confluent frame in 11 bytes on inbox", id="no frame"),
        pytest.param(b"lead-ada", b"", "no Confluent frame in 0 bytes on inbox", id="nothing"),
        pytest.param(b"lead-ada", None, "a null value on inbox", id="null value"),
        pytest.param(None, ADA, "a null key on inbox", id="null key"),
        pytest.param(b"lead-bob", ADA, "the key on inbox is not the event's own lead_id", id="wrong key"),
        pytest.param(
            b"\xff\xfe", ADA, "the key on inbox is not the event's own lead_id", id="no text as key"
        ),
        pytest.param(b"lead-ada", ADA[:-3], "no inbox-interaction event", id="cut"),
        pytest.param(b"lead-ada", ADA + b"\0", "bytes after the end", id="too long"),
        pytest.param(b"lead-ada", struct.pack(">bI", 0, 0) + b"x", "is not in the registry", id="unknown id"),
        pytest.param(
            b"lead-ada", struct.pack(">bI", 0, max(schemas()) + 9) + b"x", "above the known", id="newer id"
        ),
        pytest.param(
            b"lead-ada",
            encode("interactions", CONSENT),
            "which takes attendance, interaction, lead",
            id="consent",
        ),
        pytest.param(
            b"lead-ada",
            encode("interactions", STATUS),
            "which takes attendance, interaction, lead",
            id="status",
        ),
        pytest.param(
            b"!tick",
            encode("interactions", Tick(NOW)),
            "which takes attendance, interaction, lead",
            id="tick",
        ),
    ],
)
def test_whatever_else_is_put_there_is_a_dead_letter_that_says_why(
    inbox: Inbox, key: bytes | None, data: bytes | None, why: str
) -> None:
    emit = inbox.put(key, data)

    assert why in reason(emit)
    assert (emit.key, emit.value) == (key, data)
    event(inbox.offer(interaction()))


@drawn(key=st.none() | st.binary(max_size=20), cut=st.integers(0, 90), put=st.binary(max_size=90))
def test_no_bytes_stop_it(key: bytes | None, cut: int, put: bytes) -> None:
    inbox = Inbox()

    for data in (put, ADA[:cut] + put, ADA[:cut] + put + ADA[cut + len(put) :]):
        assert inbox.put(key, data).topic in ("ingest.dead", "interactions")


def test_a_record_too_large_for_a_letter_is_told_of_without_its_bytes(inbox: Inbox) -> None:
    emit = inbox.put(b"lead-ada", bytes(LETTER_BYTES), headers=[("note", b"Ada")])

    assert (emit.key, emit.value) == (None, None)
    said = dict(emit.headers)
    assert b"900015 bytes; read them where the record stood" in said["dead-left-out"]
    assert (said["dead-topic"], said["dead-partition"], said["dead-offset"]) == (b"inbox", b"3", b"0")
    assert "note" not in said


def test_without_the_brokers_time_it_is_a_dead_letter(inbox: Inbox) -> None:
    assert "academy topics apply" in reason(inbox.offer(interaction(), appended=None))


def test_while_no_key_can_be_had_the_record_waits(inbox: Inbox) -> None:
    inbox.keys.away = True
    with pytest.raises(NotReady):
        inbox.offer(interaction())
    assert (inbox.partition.emits, inbox.partition.next_offset) == ([], 0)
    inbox.keys.away = False

    event(inbox.offer(interaction()))


def test_nothing_is_taken_about_an_erased_person(inbox: Inbox) -> None:
    inbox.offer(interaction())
    inbox.keys.destroy("lead-ada")

    assert reason(inbox.offer(interaction())).startswith("This person was erased")


def test_the_driver_runs_it_too() -> None:
    driver = Driver(build(MemoryKeys()))
    key, data = b"lead-ada", encode("inbox", interaction())

    (before,) = driver.send_bytes(key, data, APPENDED)
    driver.restart()
    (after,) = driver.send_bytes(key, data, APPENDED)

    assert (before.topic, before.value.lead_id) == ("interactions", "lead-ada")
    assert after.value.event_id != before.value.event_id, "it stands at another offset"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"channel": "voice"}, "channel must be 'sms' where buffered is true"),
        (
            {"channel": "sms", "outcome": "voicemail"},
            "outcome must be 'completed' or 'failed' where buffered is true",
        ),
    ],
)
def test_what_a_buffered_one_may_not_say_is_refused_for_being_buffered(
    inbox: Inbox, changes: dict[str, str], why: str
) -> None:
    assert reason(inbox.offer(interaction(buffered=True, **changes))) == why
