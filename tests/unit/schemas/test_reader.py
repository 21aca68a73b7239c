"""Our reader and fastavro read the same values, whatever a schema allows."""

import io
import json
from typing import Any

import fastavro
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.reader import long, reader
from schemas.registry import Schema
from tests.unit.schemas.avro_values import LONGS, MOMENTS, allowed
from tests.unit.schemas.examples import SCHEMAS, name


def _written(schema: Any, value: Any) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, schema, value)
    return out.getvalue()


@pytest.mark.parametrize("schema", SCHEMAS, ids=name)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_a_value_is_read_as_fastavro_reads_it(schema: Schema, data: st.DataObject) -> None:
    parsed: Any = fastavro.parse_schema(json.loads(schema.text))
    body = _written(parsed, data.draw(allowed(parsed, {})))

    read, end = reader(parsed)(b"frame" + body, 5)

    assert read == fastavro.schemaless_reader(io.BytesIO(body), parsed, None)
    assert end == 5 + len(body)


@pytest.mark.parametrize("schema", SCHEMAS, ids=name)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_named_fields_are_read_as_in_the_whole(schema: Schema, data: st.DataObject) -> None:
    parsed: Any = fastavro.parse_schema(json.loads(schema.text))
    body = _written(parsed, data.draw(allowed(parsed, {})))
    fields = [field["name"] for field in parsed["fields"]]
    named = data.draw(st.sets(st.sampled_from(fields), min_size=1))
    last = max(fields.index(one) for one in named)

    whole, _end = reader(parsed)(body, 0)
    read, end = reader(parsed, named)(body, 0)

    assert read == {field: value for field, value in whole.items() if field in named}
    upto = {**parsed, "fields": parsed["fields"][: last + 1]}
    assert body[:end] == _written(upto, {field: whole[field] for field in fields[: last + 1]})


@given(number=LONGS)
def test_a_long_is_read_as_fastavro_writes_it(number: int) -> None:
    body = _written(fastavro.parse_schema("long"), number)

    assert long(body + b"\x7f", 0) == (number, len(body))


@given(moment=MOMENTS)
def test_a_moment_is_read_as_fastavro_writes_it(moment: Any) -> None:
    schema = fastavro.parse_schema({"type": "long", "logicalType": "timestamp-micros"})
    body = _written(schema, moment)

    assert reader(schema)(body + b"\x7f", 0) == (moment, len(body))


def test_an_array_in_blocks_that_say_their_size_is_read_whole() -> None:
    schema = fastavro.parse_schema({"type": "array", "items": "long"})
    blocks = b"\x03\x04\x02\x04" + b"\x02\x06" + b"\x00"  # two items in two bytes, then one item

    assert reader(schema)(blocks, 0) == ([1, 2, 3], len(blocks))


@pytest.mark.parametrize("schema", ["string", "bytes"])
def test_a_length_below_nought_is_no_value(schema: str) -> None:
    with pytest.raises(ValueError, match="below nought"):
        reader(fastavro.parse_schema(schema))(b"\x01abc", 0)


def test_a_number_without_an_end_is_no_value() -> None:
    with pytest.raises(OverflowError, match="more than 64 bits"):
        long(b"\xff" * 20, 0)


def test_a_union_of_anything_else_is_refused_when_the_schema_is_read() -> None:
    with pytest.raises(NotImplementedError, match="null and one other type"):
        reader(["string", "long"])
