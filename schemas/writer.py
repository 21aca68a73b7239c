"""A value's Avro body straight from its attributes: the schema becomes functions once, and nothing is copied between.

Apache Avro 1.12.0 Specification, Binary Encoding; of its types only those that the committed schemas use.
"""

import struct
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter, call
from typing import Any

Write = Callable[[Any], bytes]

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_NULL, _THERE, _END = b"\x00", b"\x02", b"\x00"
_LONGS = range(-(1 << 63), 1 << 63)


def writer(schema: Any, named: dict[str, Write] | None = None) -> Write:
    """The function that writes values of a schema which `fastavro.parse_schema` has parsed.

    It expects the value's own types, which mypy has checked; a symbol that the schema lacks is a KeyError.
    """
    known = {} if named is None else named
    if isinstance(schema, list):
        return _nullable(schema, known)
    kind = schema if isinstance(schema, str) else schema["type"]
    if isinstance(schema, dict) and (schema.get("logicalType") or kind) in _COMPOUND:
        write = _COMPOUND[schema.get("logicalType") or kind](schema, known)
        known[schema.get("name", kind)] = write
        return write
    return _SIMPLE[kind] if kind in _SIMPLE else known[kind]


def long(number: int) -> bytes:
    """Zigzag, then seven bits a byte, the least first."""
    if number not in _LONGS:
        raise OverflowError(f"{number} is no 64-bit integer")
    rest = number << 1 if number >= 0 else ~(number << 1)
    out = bytearray()
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)


_KNOWN = 1024
_SHORT = tuple(long(number) for number in range(_KNOWN))
"""Lengths and counts are seldom longer."""


def _length(number: int) -> bytes:
    return _SHORT[number] if number < _KNOWN else long(number)


def _count(number: int) -> bytes:
    return _SHORT[number] if 0 <= number < _KNOWN else long(number)


def _text(value: str) -> bytes:
    data = value.encode()
    size = len(data)
    return (_SHORT[size] if size < _KNOWN else long(size)) + data


def _bytes(value: bytes) -> bytes:
    return _length(len(value)) + value


def _moment(value: datetime) -> bytes:
    return long((value - _EPOCH) // _MICROSECOND)


def _nullable(branches: Sequence[Any], named: dict[str, Write]) -> Write:
    null, other = branches
    if null != "null":
        raise NotImplementedError("a union is null and one other type")
    write = writer(other, named)
    return lambda value: _NULL if value is None else _THERE + write(value)


def _record(schema: Any, named: dict[str, Write]) -> Write:
    names = [field["name"] for field in schema["fields"]]
    writers = [writer(field["type"], named) for field in schema["fields"]]
    read = attrgetter(*names, names[0])  # one more than there are writers, so that it always gives a tuple
    return lambda value: b"".join(map(call, writers, read(value)))


def _array(schema: Any, named: dict[str, Write]) -> Write:
    write = writer(schema["items"], named)
    return lambda value: b"".join([_length(len(value)), *map(write, value), _END]) if value else _END


def _map(schema: Any, named: dict[str, Write]) -> Write:
    write = writer(schema["values"], named)

    def pairs(value: dict[str, Any]) -> bytes:
        entries = (_text(key) + write(part) for key, part in value.items())
        return b"".join([_length(len(value)), *entries, _END]) if value else _END

    return pairs


def _enum(schema: Any, _named: dict[str, Write]) -> Write:
    return {symbol: long(place) for place, symbol in enumerate(schema["symbols"])}.__getitem__


_SIMPLE: dict[str, Write] = {
    "string": _text,
    "bytes": _bytes,
    "long": _count,
    "double": struct.Struct("<d").pack,
    "boolean": {False: b"\x00", True: b"\x01"}.__getitem__,
}
_COMPOUND: dict[str, Callable[[Any, dict[str, Write]], Write]] = {
    "record": _record,
    "array": _array,
    "map": _map,
    "enum": _enum,
    "timestamp-micros": lambda _schema, _named: _moment,
}
