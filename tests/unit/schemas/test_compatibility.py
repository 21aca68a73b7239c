"""Schemas only ever grow: every version of a subject reads, and is read by, the newest one."""

import json
from typing import Any

import avro.schema
import pytest
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType

from schemas.registry import Schema, latest
from tests.unit.schemas.examples import SCHEMAS, name


def _reads(reader: str, writer: str) -> bool:
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]  # as it comes
    found = checker.get_compatibility(avro.schema.parse(reader), avro.schema.parse(writer))
    return bool(found.compatibility is SchemaCompatibilityType.compatible)


def _versions(newest: Schema) -> list[Schema]:
    return [schema for schema in SCHEMAS if schema.subject == newest.subject]


@pytest.mark.parametrize("newest", latest().values(), ids=name)
def test_the_newest_version_reads_every_earlier_one(newest: Schema) -> None:
    assert [name(one) for one in _versions(newest) if not _reads(newest.text, one.text)] == []


@pytest.mark.parametrize("newest", latest().values(), ids=name)
def test_every_earlier_version_reads_the_newest(newest: Schema) -> None:
    assert [name(one) for one in _versions(newest) if not _reads(one.text, newest.text)] == []


def _tick(*fields: dict[str, Any]) -> str:
    (schema,) = (one for one in latest().values() if one.subject == "interactions-tick")
    avro_schema = json.loads(schema.text)
    avro_schema["fields"] += fields
    return json.dumps(avro_schema)


def test_a_field_with_a_default_may_come_and_go() -> None:
    grown = _tick({"name": "source", "type": ["null", "string"], "default": None})

    assert _reads(grown, _tick())
    assert _reads(_tick(), grown)


@pytest.mark.parametrize(
    ("reader", "writer"),
    [
        pytest.param(
            _tick({"name": "source", "type": "string"}), _tick(), id="a new field without a default"
        ),
        pytest.param(
            _tick({"name": "source", "type": "string"}),
            _tick({"name": "source", "type": "long"}),
            id="another type",
        ),
        pytest.param(
            _tick({"name": "a", "type": {"type": "enum", "name": "E", "symbols": ["x"]}}),
            _tick({"name": "a", "type": {"type": "enum", "name": "E", "symbols": ["x", "y"]}}),
            id="a new symbol, for an old reader",
        ),
        pytest.param(_tick().replace('"Tick"', '"Tock"'), _tick(), id="another name"),
    ],
)
def test_a_breaking_change_is_noticed(reader: str, writer: str) -> None:
    assert not _reads(reader, writer)
