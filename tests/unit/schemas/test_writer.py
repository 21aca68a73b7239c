"""Our writer and fastavro write the same bytes, whatever a schema allows."""

import io
import json
import struct
from datetime import datetime
from typing import Any

import fastavro
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.codec import decode, encode
from schemas.registry import Schema, latest
from schemas.writer import long, writer
from tests.unit.schemas.avro_values import LONGS, MOMENTS, allowed
from tests.unit.schemas.examples import name


@pytest.mark.parametrize("schema", latest().values(), ids=name)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_a_value_is_written_as_fastavro_writes_it(schema: Schema, data: st.DataObject) -> None:
    parsed: Any = fastavro.parse_schema(json.loads(schema.text))
    out = io.BytesIO(struct.pack(">bI", 0, schema.id))
    out.seek(0, io.SEEK_END)
    fastavro.schemaless_writer(out, parsed, data.draw(allowed(parsed, {})))

    assert encode(schema.topic, decode(schema.topic, out.getvalue())) == out.getvalue()


@given(number=LONGS)
def test_a_long_is_written_as_fastavro_writes_it(number: int) -> None:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema("long"), number)

    assert long(number) == out.getvalue()


@given(moment=MOMENTS)
def test_a_moment_is_written_as_fastavro_writes_it(moment: datetime) -> None:
    schema = fastavro.parse_schema({"type": "long", "logicalType": "timestamp-micros"})
    out = io.BytesIO()
    fastavro.schemaless_writer(out, schema, moment)

    assert writer(schema)(moment) == out.getvalue()


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1])
def test_a_number_that_no_long_holds_is_not_written(number: int) -> None:
    with pytest.raises(OverflowError, match="no 64-bit integer"):
        long(number)


def test_a_length_beyond_the_prepared_ones_is_written_too() -> None:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema("string"), "ä" * 5000)

    assert writer("string")("ä" * 5000) == out.getvalue()


def test_a_union_of_anything_else_is_refused_when_the_schema_is_read() -> None:
    with pytest.raises(NotImplementedError, match="null and one other type"):
        writer(["string", "long"])
