"""Upstream systems with a schema and a stock client: each record ends once, on `interactions` or as a dead letter."""

import io
import json
import signal
import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import fastavro
from confluent_kafka import Producer, TopicPartition

from ingest.inbox import build
from runtime import clients
from runtime.errors import Misconfigured
from runtime.keys import Keys
from runtime.settings import Settings
from schemas.codec import decode
from tests import given
from tests.broker import PATIENCE, eventually, read, send
from tests.integration.runtime.loops import Loop, processing, service
from tests.keyring import MemoryKeys

SCHEMAS = files("schemas")
IDS: dict[str, int] = json.loads(SCHEMAS.joinpath("registry.json").read_text())


def framed(name: str, said: dict[str, Any], number: int | None = None) -> bytes:
    """What a stranger makes of a committed schema: the frame, and the body by a stock writer."""
    schema = fastavro.parse_schema(json.loads(SCHEMAS.joinpath("avro", name).read_text()))
    out = io.BytesIO()
    out.write(struct.pack(">bI", 0, IDS[name] if number is None else number))
    fastavro.schemaless_writer(out, schema, said)
    return out.getvalue()


def call(lead_id: str = "lead-ada", **more: Any) -> bytes:
    said = {
        "lead_id": lead_id,
        "occurred_at": datetime(2026, 5, 5, 17, tzinfo=UTC),
        "channel": "sms",
        "direction": "inbound",
        "outcome": "completed",
        "transcript": "Can Ada come on Saturday?",
        **more,
    }
    return framed("inbox.interaction.v1.avsc", said)


def household(lead_id: str = "lead-ada") -> bytes:
    guardian = {"guardian_id": "g1", "name": "Ada Example", "consent": "opted_out"}
    said = {"lead_id": lead_id, "time_zone": "America/Chicago", "guardians": [guardian], "children": []}
    return framed("inbox.lead.v1.avsc", said)


def session(lead_id: str = "lead-ada", *, attended: bool = True) -> bytes:
    said = {"lead_id": lead_id, "occurred_at": datetime(2026, 5, 5, 17, tzinfo=UTC), "attended": attended}
    return framed("inbox.attendance.v1.avsc", {**said, "external_ref": "Ada, U10"})


def payment(lead_id: str = "lead-ada", outcome: str = "missed") -> bytes:
    said = {"lead_id": lead_id, "occurred_at": datetime(2026, 5, 5, 17, tzinfo=UTC), "outcome": outcome}
    return framed("inbox.payment.v1.avsc", {**said, "external_ref": "invoice of Ada"})


def act(name: str, **said: Any) -> bytes:
    """An event that `interactions` takes and `inbox` does not."""
    now = datetime.now(UTC)
    told = {"event_id": "e-1", "lead_id": "lead-ada", "recorded_at": now, "occurred_at": now, "actor": "crm"}
    return framed(name, {**told, "body_hash": b"", **said})


Pair = tuple[bytes | None, bytes | None]


def put(settings: Settings, pairs: Sequence[Pair], **configuration: Any) -> None:
    """By a client without a setting of ours, its partitioner included."""
    producer = Producer({"bootstrap.servers": settings.kafka, **configuration})
    for key, value in pairs:
        producer.produce(settings.topic("inbox"), value, key)
    assert producer.flush(PATIENCE) == 0


def ids(settings: Settings) -> list[str]:
    """Event ids on `interactions`, in the log's order by partition."""
    return [decode("interactions", one.value or b"").event_id for one in read(settings, "interactions")]


@contextmanager
def taking(settings: Settings) -> Iterator[Loop]:
    with processing(settings, build(MemoryKeys())) as loop:
        yield loop


NOW = datetime.now(UTC)
BAD: dict[str, tuple[bytes | None, bytes | None, str]] = {
    "undecodable": (b"lead-ada", b"Ada Example said hello", "no Confluent frame in 22 bytes on inbox"),
    "null value": (b"lead-ada", None, "a null value on inbox"),
    "null key": (None, call(), "a null key on inbox"),
    "wrong key": (b"lead-bob", call(), "the key on inbox is not the event's own lead_id"),
    "unknown schema": (
        b"lead-ada",
        struct.pack(">bI", 0, 4_000) + b"x",
        f"schema id 4000 on inbox is above the known {max(IDS.values())}",
    ),
    "consent grant": (
        b"lead-ada",
        act("interactions.consent.v1.avsc", consent="contactable", false_detection=False),
        "belongs to interactions, not to inbox, which takes attendance, interaction, lead",
    ),
    "status": (
        b"lead-ada",
        act("interactions.status.v1.avsc", status="enrolled", kind="observed"),
        "belongs to interactions, not to inbox, which takes attendance, interaction, lead",
    ),
    "phone number": (
        b"13125550142",
        call("13125550142"),
        "lead_id must be an opaque id, this looks like a phone number",
    ),
    "future": (
        b"lead-ada",
        call(occurred_at=NOW + timedelta(days=1)),
        "occurred_at must not be more than 5 minutes in the future",
    ),
    "200 years ago": (
        b"lead-ada",
        call(occurred_at=NOW - timedelta(days=73_000)),
        "occurred_at must not be before the year 2000",
    ),
    "no UUID": (b"lead-ada", call(event_id="CRM-7"), "event_id must be a UUID"),
    "no zone": (
        b"lead-ada",
        framed(
            "inbox.lead.v1.avsc",
            {"lead_id": "lead-ada", "time_zone": "Mars", "guardians": [], "children": []},
        ),
        "time_zone must be an IANA time zone such as America/Chicago",
    ),
}


def test_every_record_ends_once_on_the_log_or_as_a_dead_letter_that_says_why(settings: Settings) -> None:
    good: list[Pair] = [(b"lead-ada", call(event_id=given_id(n))) for n in range(len(BAD))]
    bad: list[Pair] = [(key, value) for key, value, _why in BAD.values()]
    mixed = [pair for both in zip(good, bad, strict=True) for pair in both]

    records: list[Pair] = [(b"lead-ada", said) for said in (household(), session(), payment())]

    with taking(settings):
        put(settings, [*mixed, *records])
        taken = eventually(lambda: all_of(settings, "interactions", len(good) + 3), "the good ones")
        dead = eventually(lambda: all_of(settings, "ingest.dead", len(bad)), "the bad ones")

    events = [decode("interactions", one.value or b"") for one in taken]
    *calls, lead, attendance, paying = events
    assert [one.event_id for one in calls] == [given_id(n) for n in range(len(good))]
    assert lead.guardians[0].consent == "opted_out"
    assert (attendance.attended, paying.outcome) == (True, "missed")
    assert not [one for one in taken if b"Ada" in (one.value or b"")]
    for key, value, why in BAD.values():
        (letter,) = [one for one in dead if (one.key, one.value) == (key, value)]
        assert why in dict(letter.headers)["dead-reason"].decode()
        dead.remove(letter)
    assert dead == []


def test_a_lead_has_one_partition_whatever_the_partitioner_of_the_client(settings: Settings) -> None:
    leads = [f"lead-{n}" for n in range(20)]
    for ordinal, lead in enumerate(leads):
        send(settings, "interactions", lead, given.recorded(ordinal=ordinal, lead_id=lead))

    with taking(settings):
        put(settings, [(lead.encode(), call(lead)) for lead in leads])
        eventually(lambda: all_of(settings, "interactions", 40), "all of them")

    places = {(one.key, one.partition) for one in read(settings, "interactions")}
    ours = {(one.key, one.partition) for one in read(settings, "inbox")}
    assert len(places) == 20
    assert ours != places, "or the client has our partitioner and this shows nothing"


def test_a_flood_of_bad_records_stops_nothing_and_costs_the_good_ones_a_bounded_wait(
    settings: Settings,
) -> None:
    flood: list[Pair] = [(b"lead-ada", b"nonsense") for _ in range(1_000)]
    good = [given_id(n) for n in range(10)]
    notes = set()

    with taking(settings) as loop:
        begun = time.monotonic()
        put(settings, [*flood, *((b"lead-ada", call(event_id=one)) for one in good)])

        def taken() -> bool:
            notes.add(loop.health.readiness.detail)
            return len(read(settings, "interactions")) == 10

        eventually(taken, "the good ones behind the flood")
        took = time.monotonic() - begun
        assert len(all_of(settings, "ingest.dead", 1_000)) == 1_000
        assert loop.health.readiness.ready

    assert ids(settings) == good
    assert 2 < took < 12, "5 ms for each bad record beyond a hundred, and not much more"
    assert [note for note in notes if "reading slowly" in note]


def test_a_record_that_no_letter_can_hold_is_told_of_and_passed(settings: Settings) -> None:
    """Compressed, the broker takes it; whole, a producer refuses it."""
    huge = bytes(8_000_000)
    with taking(settings):
        put(
            settings,
            [(b"lead-ada", huge)],
            **{"compression.type": "gzip", "message.max.bytes": 20_000_000},
        )
        put(settings, [(b"lead-ada", call())])
        eventually(lambda: all_of(settings, "interactions", 1), "the one behind it")

    (letter,) = read(settings, "ingest.dead")
    assert (letter.key, letter.value) == (None, None)
    assert b"8000008 bytes" in dict(letter.headers)["dead-left-out"]


def test_killed_at_work_it_loses_none_and_takes_none_twice(
    settings: Settings, keys: Keys, tmp_path: Path
) -> None:
    leads = [f"lead-{n}" for n in range(25)]
    pairs: list[Pair] = [
        (leads[n % 25].encode(), call(leads[n % 25], event_id=given_id(n))) for n in range(6_200)
    ]
    put(settings, pairs[:200])
    with service("inbox", settings, tmp_path / "output.txt") as process:
        eventually(lambda: len(ids(settings)) >= 200, (tmp_path / "output.txt").read_text())
        put(settings, pairs[200:])
        eventually(lambda: len(ids(settings)) > 200, "more of them")
        process.send_signal(signal.SIGKILL)
        assert process.wait(10) == -signal.SIGKILL
    assert 200 < len(ids(settings)) < 6_200, "it died between two commits"

    with processing(settings, build(keys)):
        eventually(lambda: len(ids(settings)) >= 6_200, "the rest")

    found = ids(settings)
    assert len(found) == len(set(found)) == 6_200
    assert sorted(found) == [given_id(n) for n in range(6_200)]
    for ordinal, lead in enumerate(leads):
        own = [one.value for one in read(settings, "interactions") if one.key == lead.encode()]
        assert [decode("interactions", one or b"").event_id for one in own] == [
            given_id(n) for n in range(ordinal, 6_200, 25)
        ]
    assert read(settings, "ingest.dead") == []


def test_what_was_deleted_unread_is_never_skipped_in_silence(settings: Settings) -> None:
    """Rule 12: the service was down for longer than the topic keeps its records."""
    with taking(settings):
        put(settings, [(b"lead-ada", call())])
        eventually(lambda: all_of(settings, "interactions", 1), "the first")
    put(settings, [(b"lead-ada", call())] * 3)
    ((partition, last),) = {(one.partition, one.offset) for one in read(settings, "inbox")[-1:]}
    cut = TopicPartition(settings.topic("inbox"), partition, last)
    admin = clients.admin(settings)  # kept: a client that is gone answers nothing
    for future in admin.delete_records([cut]).values():
        future.result(30)

    with processing(settings, build(MemoryKeys()), partitions=None) as loop:
        failure = loop.ended(10)

    assert isinstance(failure, Misconfigured)
    assert f"set group {settings.topic('ingest')} to the earliest offset" in str(failure)


def given_id(ordinal: int) -> str:
    """A UUID whose order is the ordinal's."""
    return f"0198c5c2-6f3a-7c11-9d1e-{ordinal:012x}"


def all_of(settings: Settings, topic: str, count: int) -> list[Any]:
    """Everything on a topic once so much is there, else nothing."""
    found = read(settings, topic)
    assert len(found) <= count, f"more than was put there on {topic}"
    return found if len(found) == count else []
