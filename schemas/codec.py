"""Domain values to Avro bytes in the Confluent frame and back; with `writer.py` the only place that knows Avro."""

import io
import json
import struct
from datetime import datetime
from functools import cache
from typing import Any

import fastavro
import msgspec

from schemas.registry import Schema, latest, schemas
from schemas.topics import TOPICS
from schemas.writer import Write, writer

_FRAME = struct.Struct(">bI")
_KEPT = (datetime, bytes)
_OWNER = {"leads": "lead_id", "tables": "table_id", "one": ""}
"""The field that a record's key repeats, by placement."""


class Undecodable(ValueError):
    """The bytes are not one of this topic's events."""


class NewerSchema(RuntimeError):
    """The bytes were written by a newer release: upgrade readers first."""


def encode(topic: str, value: object) -> bytes:
    """The value's newest schema on the topic: 0x00, 4-byte id, Avro body.

    Raises KeyError for a class that the catalogue does not name on the topic.
    """
    schema, write = _writers()[topic, type(value)]
    return _FRAME.pack(0, schema.id) + write(value)


def decode(topic: str, data: bytes) -> Any:
    """The event in the frame, as its class.

    Raises Undecodable for anything that is not an event of this topic, and NewerSchema for an id above
    the highest known one, which must stop the reader.
    """
    if len(data) < _FRAME.size or data[0] != 0:
        raise Undecodable(f"no Confluent frame in {len(data)} bytes on {topic}; expected 0x00 and an id")
    number = _FRAME.unpack_from(data)[1]
    reader = _readers().get(number)
    if reader is None:
        known = max(_readers())
        if number > known:
            raise NewerSchema(
                f"schema id {number} on {topic} is above the known {known}: upgrade this reader"
            )
        raise Undecodable(f"schema id {number} on {topic} is not in the registry")
    schema, parsed = reader
    if schema.topic != topic:
        taken = ", ".join(TOPICS[topic].events) or "no events"
        raise Undecodable(
            f"schema id {number} belongs to {schema.topic}, not to {topic}, which takes {taken}"
        )
    return _value(schema, parsed, data)


def decode_keyed(topic: str, key: bytes | None, data: bytes | None) -> tuple[str, Any]:
    """The key as text, and the event, whose lead or table must be the key's.

    Raises Undecodable, also for a null value: the topic is a stream, nothing on it can be deleted.
    """
    if key is None or data is None:
        raise Undecodable(f"a null {'key' if key is None else 'value'} on {topic}")
    value = decode(topic, data)
    text = key.decode("utf-8", "replace")
    field = _OWNER[TOPICS[topic].placement]
    owner = getattr(value, field, None)
    if owner is not None and owner != text:
        raise Undecodable(f"the key on {topic} is not the event's own {field}")
    return text, value


def headers(topic: str, value: object) -> list[tuple[str, bytes]]:
    """`event-type`, `schema-version` and, where the event has one, `event-id`."""
    schema, _write = _writers()[topic, type(value)]
    said = [("event-type", schema.event.encode()), ("schema-version", str(schema.version).encode())]
    for name in ("event_id", "transition_id", "decision_id"):
        if (event_id := getattr(value, name, None)) is not None:
            return [("event-id", event_id.encode()), *said]
    return said


def _value(schema: Schema, parsed: Any, data: bytes) -> Any:
    body = io.BytesIO(data)
    body.seek(_FRAME.size)
    try:
        fields = fastavro.schemaless_reader(body, parsed, None)
        value: Any = msgspec.convert(fields, schema.type, builtin_types=_KEPT)
    except (ValueError, EOFError, TypeError, IndexError, OverflowError, struct.error) as wrong:
        raise Undecodable(f"no {schema.subject} event: {type(wrong).__name__}") from wrong
    if body.read(1):
        raise Undecodable(f"bytes after the end of a {schema.subject} event")
    return value


@cache
def _writers() -> dict[tuple[str, type], tuple[Schema, Write]]:
    return {key: (schema, writer(_parsed(schema))) for key, schema in latest().items()}


@cache
def _readers() -> dict[int, tuple[Schema, Any]]:
    return {number: (schema, _parsed(schema)) for number, schema in schemas().items()}


def _parsed(schema: Schema) -> Any:
    return fastavro.parse_schema(json.loads(schema.text))
