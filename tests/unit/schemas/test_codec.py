"""Bytes that are no event of the topic have one of two named errors, whatever they are."""

import json
import struct
from contextlib import suppress
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.records import Ruling
from schemas import codec
from schemas.codec import NewerSchema, Undecodable, decode, decode_keyed, decode_part, encode
from schemas.registry import Schema, latest, schemas
from schemas.topics import TICK_KEY, TOPICS
from tests import given as made
from tests.unit.schemas.examples import SCHEMAS, example, name

each_latest = pytest.mark.parametrize("schema", latest().values(), ids=name)
LAST = max(schemas())


def _frame(number: int, body: bytes = b"") -> bytes:
    return struct.pack(">bI", 0, number) + body


def _bytes(schema: Schema) -> bytes:
    return encode(schema.topic, example(schema))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\0\0\0\0", id="less than a frame"),
        pytest.param(b"\1" + _frame(1)[1:], id="another magic byte"),
        pytest.param(json.dumps({"lead_id": "fam-1"}).encode(), id="JSON"),
        pytest.param(_frame(0), id="an id that was never given"),
        pytest.param(_frame(1), id="a frame without a body"),
        pytest.param(_frame(1, b"\xff" * 64), id="a frame with garbage"),
    ],
)
def test_what_is_no_event_is_undecodable(data: bytes) -> None:
    with pytest.raises(Undecodable):
        decode("interactions", data)


DECISIONS = [schema for schema in SCHEMAS if schema.topic == "decisions"]


@pytest.mark.parametrize("schema", DECISIONS, ids=name)
def test_a_part_has_the_fields_of_the_whole(schema: Schema) -> None:
    whole = example(schema)
    data = encode("decisions", whole)

    part = decode_part("decisions", data, Ruling)

    assert {field.name: getattr(part, field.name) for field in fields(Ruling)} == {
        field.name: getattr(whole, field.name) for field in fields(Ruling)
    }
    assert decode_part("decisions", data[:-1], Ruling) == part, "what stands behind them is not looked at"


@pytest.mark.parametrize("schema", DECISIONS, ids=name)
def test_a_part_that_is_not_whole_is_undecodable(schema: Schema) -> None:
    data = encode("decisions", example(schema))
    whole = decode_part("decisions", data, Ruling)

    for end in range(len(data)):
        with suppress(Undecodable):
            assert decode_part("decisions", data[:end], Ruling) == whole
    for short in (b"", data[:5], data[:40]):
        with pytest.raises(Undecodable):
            decode_part("decisions", short, Ruling)


@each_latest
def test_a_truncated_event_is_undecodable_wherever_it_ends(schema: Schema) -> None:
    data = _bytes(schema)
    for end in range(len(data)):
        with pytest.raises(Undecodable):
            decode(schema.topic, data[:end])


@each_latest
def test_an_event_with_a_byte_too_many_is_undecodable(schema: Schema) -> None:
    with pytest.raises(Undecodable, match="after the end"):
        decode(schema.topic, _bytes(schema) + b"\0")


@each_latest
def test_an_event_of_another_topic_is_undecodable(schema: Schema) -> None:
    for other in TOPICS.keys() - {schema.topic}:
        with pytest.raises(Undecodable, match=f"belongs to {schema.topic}"):
            decode(other, _bytes(schema))


def test_it_is_told_what_the_topic_takes() -> None:
    with pytest.raises(Undecodable, match="not to inbox, which takes attendance, interaction, lead"):
        decode("inbox", encode("interactions", made.recorded()))


def test_an_id_above_the_highest_known_one_is_a_newer_releases() -> None:
    for number in (LAST + 1, 2**32 - 1):
        with pytest.raises(NewerSchema, match=f"above the known {LAST}"):
            decode("interactions", _frame(number))


def test_an_unknown_id_below_the_highest_is_undecodable(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {number: schema for number, schema in schemas().items() if number != 3}
    monkeypatch.setattr(codec, "schemas", lambda: known)

    with pytest.raises(Undecodable, match="not in the registry"):
        decode("interactions", _frame(3))


def test_a_class_that_the_topic_does_not_have_cannot_be_written() -> None:
    with pytest.raises(KeyError):
        encode("decisions", made.recorded())


@given(topic=st.sampled_from(sorted(TOPICS)), data=st.binary(max_size=200))
def test_no_bytes_raise_anything_else(topic: str, data: bytes) -> None:
    _decodes_or_says_why(topic, data)


@given(schema=st.sampled_from(SCHEMAS), body=st.binary(max_size=400))
def test_no_body_in_a_good_frame_raises_anything_else(schema: Schema, body: bytes) -> None:
    _decodes_or_says_why(schema.topic, _frame(schema.id, body))


@given(
    schema=st.sampled_from(SCHEMAS),
    at=st.integers(0, 5000),
    put=st.binary(max_size=12),
    cut=st.integers(0, 12),
)
def test_no_damage_to_an_event_raises_anything_else(schema: Schema, at: int, put: bytes, cut: int) -> None:
    data = _bytes(schema)
    place = 5 + at % (len(data) - 5)
    _decodes_or_says_why(schema.topic, data[:place] + put + data[place + cut :])


def _decodes_or_says_why(topic: str, data: bytes) -> None:
    with suppress(Undecodable, NewerSchema):
        assert type(decode(topic, data)) in TOPICS[topic].events.values()


@pytest.mark.parametrize(("key", "what"), [(None, "key"), (b"fam-1", "value")])
def test_a_null_key_or_value_is_undecodable(key: bytes | None, what: str) -> None:
    data = None if key else encode("interactions", made.recorded())

    with pytest.raises(Undecodable, match=f"a null {what} on interactions"):
        decode_keyed("interactions", key, data)


@pytest.mark.parametrize("key", [b"fam-2", b"", b"\xff", b"fam-1 "])
def test_a_key_that_is_not_the_events_own_is_undecodable(key: bytes) -> None:
    with pytest.raises(Undecodable, match="not the event's own lead_id") as refusal:
        decode_keyed("interactions", key, encode("interactions", made.recorded()))
    assert "fam" not in str(refusal.value)


def test_a_table_is_the_key_of_its_transitions() -> None:
    data = encode("transitions", made.TABLE)

    assert decode_keyed("transitions", b"default", data) == ("default", made.TABLE)
    with pytest.raises(Undecodable, match="not the event's own table_id"):
        decode_keyed("transitions", b"fam-1", data)


def test_an_event_and_its_key_are_read_together() -> None:
    event = replace(made.recorded(), lead_id="fam-7")

    assert decode_keyed("interactions", b"fam-7", encode("interactions", event)) == ("fam-7", event)


@pytest.mark.parametrize(
    ("topic", "key", "kind"),
    [
        ("interactions", TICK_KEY, "tick"),
        ("q-table", "default|new:neutral|wait", "row"),
        ("policies", "parameters|1", "parameters"),
    ],
)
def test_a_key_that_no_field_repeats_is_given_as_it_is(topic: str, key: str, kind: str) -> None:
    (schema,) = (one for one in latest().values() if (one.topic, one.event) == (topic, kind))

    assert decode_keyed(topic, key.encode(), _bytes(schema)) == (key, example(schema))
