"""Domain values to Avro bytes in the Confluent frame and back; with `writer.py` and `reader.py` all that knows Avro."""

import json
import struct
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

import fastavro
import msgspec

from schemas.reader import Read, reader
from schemas.registry import Schema, latest, schemas
from schemas.topics import TOPICS
from schemas.writer import Write, writer

_FRAME = struct.Struct(">bI")
FRAME = _FRAME.size
"""Bytes before an event's own: nought, and the id of its schema."""

_KEPT = (datetime, bytes)
Part = TypeVar("Part")
_OWNER = {"leads": "lead_id", "tables": "table_id", "one": ""}
"""The field that a record's key repeats, by placement."""


class Undecodable(ValueError):
    """The bytes are not one of this topic's events."""


class NewerSchema(RuntimeError):
    """The bytes were written by a newer release: upgrade readers first."""


def encode(topic: str, value: Any) -> bytes:
    """The value's newest schema on the topic: 0x00, 4-byte id, Avro body.

    Raises KeyError for a class that the catalogue does not name on the topic.
    """
    return _writer(topic, type(value))(value)  # type: ignore[arg-type] # a class is hashable, whatever mypy says


def decode(topic: str, data: bytes) -> Any:
    """The event in the frame, as its class.

    Raises Undecodable for anything that is not an event of this topic, and NewerSchema for an id above
    the highest known one, which must stop the reader.
    """
    return _value(check(topic, data), data)


def decode_part(topic: str, data: bytes, kind: type[Part]) -> Part:
    """Of the event in the frame only the fields that a dataclass names; what stands behind them is not looked at.

    Raises Undecodable and NewerSchema as `decode` does.
    """
    schema = check(topic, data)
    read = _part_reader(schema.id, kind)  # type: ignore[arg-type] # the same
    value, end = _read(schema, data, read, kind)
    if end > len(data):
        raise _ends(schema, "lack at")
    part: Part = value
    return part


def check(topic: str, data: bytes) -> Schema:
    """The schema that the frame names; raises as `decode` does, but for what is wrong behind the frame."""
    if len(data) < _FRAME.size or data[0] != 0:
        raise Undecodable(f"no Confluent frame in {len(data)} bytes on {topic}; expected 0x00 and an id")
    number = _FRAME.unpack_from(data)[1]
    schema = schemas().get(number)
    if schema is None:
        raise _unknown(number, topic)
    if schema.topic != topic:
        taken = ", ".join(TOPICS[topic].events) or "no events"
        raise Undecodable(
            f"schema id {number} belongs to {schema.topic}, not to {topic}, which takes {taken}"
        )
    return schema


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


def headers(topic: str, value: Any) -> list[tuple[str, bytes]]:
    """`event-type`, `schema-version` and, where the event has one, `event-id`."""
    ids, said = _said(topic, type(value))  # type: ignore[arg-type] # the same
    for name in ids:
        if (event_id := getattr(value, name)) is not None:
            return [("event-id", event_id.encode()), *said]
    return [*said]


def _value(schema: Schema, data: bytes) -> Any:
    value, end = _read(schema, data, _reader(schema.id), schema.type)
    if end != len(data):
        raise _ends(schema, "after" if end < len(data) else "lack at")
    return value


def _read(schema: Schema, data: bytes, read: Read, kind: type) -> tuple[Any, int]:
    """The value, and the position behind it."""
    try:
        found, end = read(data, _FRAME.size)
        return msgspec.convert(found, kind, builtin_types=_KEPT), end
    except (ValueError, TypeError, LookupError, OverflowError, struct.error) as wrong:
        raise Undecodable(f"no {schema.subject} event: {type(wrong).__name__}") from wrong


def _ends(schema: Schema, where: str) -> Undecodable:
    return Undecodable(f"bytes {where} the end of a {schema.subject} event")


def _unknown(number: int, topic: str) -> Exception:
    known = max(schemas())
    if number > known:
        return NewerSchema(f"schema id {number} on {topic} is above the known {known}: upgrade this reader")
    return Undecodable(f"schema id {number} on {topic} is not in the registry")


_latest = cache(latest)


@cache
def _writer(topic: str, kind: type) -> Write:
    schema = _latest()[topic, kind]
    return writer(_parsed(schema), _FRAME.pack(0, schema.id))


@cache
def _reader(number: int) -> Read:
    return reader(_parsed(schemas()[number]))


@cache
def _part_reader(number: int, kind: type[Any]) -> Read:
    named = [field.name for field in fields(kind)]
    return reader(_parsed(schemas()[number]), named)


@cache
def _said(topic: str, kind: type) -> tuple[list[str], list[tuple[str, bytes]]]:
    """The fields that may hold an event's id, and the headers that all events of a class have alike."""
    schema = _latest()[topic, kind]
    names = [field["name"] for field in json.loads(schema.text)["fields"]]
    ids = [name for name in ("event_id", "transition_id", "decision_id") if name in names]
    said = [("event-type", schema.event.encode()), ("schema-version", str(schema.version).encode())]
    return ids, said


def _parsed(schema: Schema) -> Any:
    return fastavro.parse_schema(json.loads(schema.text))
