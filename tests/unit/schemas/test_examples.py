"""Every example is its event, on the wire and back, for us and for a stranger who has only the schema's text."""

import io
import struct
from collections.abc import Iterator
from dataclasses import fields as dataclass_fields
from dataclasses import is_dataclass
from typing import Any

import avro.io
import avro.schema
import fastavro
import pytest

from domain.events import InteractionEnriched, InteractionRecorded, LeadRecorded, Sealed
from domain.extraction import with_texts
from domain.records import Decision
from schemas.codec import decode, encode, headers
from schemas.registry import Schema, latest
from schemas.sealed import unseal
from tests.unit.schemas.examples import FOLDER, SCHEMAS, example, example_key, fields, name, parsed, text

each_schema = pytest.mark.parametrize("schema", SCHEMAS, ids=name)
each_latest = pytest.mark.parametrize("schema", latest().values(), ids=name)

OWN_ID = {
    "audit": "event_id",
    "inbox": "event_id",
    "interactions": "event_id",
    "enriched": "event_id",
    "decisions": "decision_id",
    "transitions": "transition_id",
}
"""The field whose value is the header `event-id`, where an event has one."""


def _one(event: type) -> Any:
    (found,) = (example(schema) for schema in latest().values() if schema.type is event)
    return found


def _framed(schema: Schema) -> bytes:
    """The example under its own schema, by a stock writer."""
    out = io.BytesIO()
    fastavro.schemaless_writer(out, parsed(schema), fields(schema))
    return struct.pack(">bI", 0, schema.id) + out.getvalue()


@each_schema
def test_an_example_decodes_to_its_class(schema: Schema) -> None:
    assert decode(schema.topic, _framed(schema)) == example(schema)


@each_latest
def test_an_example_encodes_again_to_the_same_bytes(schema: Schema) -> None:
    assert encode(schema.topic, decode(schema.topic, _framed(schema))) == _framed(schema)


@each_schema
def test_a_stock_reader_and_writer_need_nothing_but_the_schema(schema: Schema) -> None:
    body = _framed(schema)[5:]
    read = fastavro.schemaless_reader(io.BytesIO(body), parsed(schema), None)
    out = io.BytesIO()
    fastavro.schemaless_writer(out, parsed(schema), read)

    assert read == fields(schema)
    assert out.getvalue() == body


@each_schema
def test_apaches_own_reader_reads_the_same(schema: Schema) -> None:
    reader = avro.io.DatumReader(avro.schema.parse(schema.text))
    decoder = avro.io.BinaryDecoder(io.BytesIO(_framed(schema)[5:]))

    assert reader.read(decoder) == fields(schema)


@each_schema
def test_an_example_is_written_whole_and_as_msgspec_writes_it(schema: Schema) -> None:
    assert FOLDER.joinpath(f"{name(schema)}.json").read_bytes() == text(schema)


@each_latest
def test_headers_say_what_the_frame_holds(schema: Schema) -> None:
    said = dict(headers(schema.topic, example(schema)))
    own = OWN_ID.get(schema.topic, "")
    event_id = getattr(example(schema), own, None)

    assert said["event-type"] == schema.event.encode()
    assert said["schema-version"] == str(schema.version).encode()
    assert said.get("event-id") == (event_id.encode() if event_id else None)


def test_what_was_told_opens_with_each_persons_own_key() -> None:
    record: LeadRecorded = _one(LeadRecorded)
    opened = [(field, _opened(field, sealed)) for field, sealed in _sealed(record)]

    assert ("name", "Irena Castellan") in opened
    assert ("programme", "First kicks") in opened
    assert ("campaign_goal", "Trial session in September") in opened
    people = {one.name.key_id for one in record.guardians if one.name}
    people |= {one.name.key_id for one in record.children if one.name}
    assert len(people) == len(record.guardians) + len(record.children) == 4


def test_the_enriched_example_is_what_its_transcript_says() -> None:
    (transcript,) = (sealed for field, sealed in _sealed(_one(InteractionRecorded)) if field == "transcript")
    enriched: InteractionEnriched = _one(InteractionEnriched)
    said = with_texts(enriched.extraction, _opened)

    assert {(one.key_id, one.event_id) for _field, one in _sealed(enriched)} == {
        (transcript.key_id, transcript.event_id)
    }
    quotes = [one.quote for one in said.facts] + [one.quote for one in said.objections]
    assert len(quotes) > 3
    assert all(quote in _opened("transcript", transcript) for quote in quotes)


def test_the_examples_are_one_story() -> None:
    call, decision = _one(InteractionRecorded), _one(Decision)

    assert decision.cause_event_id == call.event_id
    assert decision.supersedes == call.decision_id
    assert sum(action.probability for action in decision.actions) == pytest.approx(1.0)


def test_no_example_shows_a_word_that_is_sealed() -> None:
    told = [example(schema) for schema in latest().values() if schema.topic == "interactions"]
    words = [_opened(field, sealed) for event in told for field, sealed in _sealed(event)]
    shown = "".join(entry.read_text("utf-8") for entry in FOLDER.iterdir())

    assert len(words) == 25
    assert [text for text in words if text in shown] == []


def _sealed(value: object, field: str = "") -> Iterator[tuple[str, Sealed]]:
    """Every sealed value in an event, with the field's name that it was sealed for."""
    if isinstance(value, Sealed):
        yield field, value
    elif isinstance(value, tuple):
        for one in value:
            yield from _sealed(one, field)
    elif is_dataclass(value):
        for each in dataclass_fields(value):
            yield from _sealed(getattr(value, each.name), each.name)


def _opened(field: str, sealed: Sealed) -> str:
    return unseal(example_key(sealed.key_id), field, sealed)
