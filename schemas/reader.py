"""An Avro body as dicts, lists and values, as fastavro gives it, by a function that is compiled from the schema once.

Apache Avro 1.12.0 Specification, Binary Encoding; of its types only those that the committed schemas use.
"""

import struct
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

Read = Callable[[bytes, int], tuple[Any, int]]
"""The value that begins at a position, and the position behind it."""

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_EIGHT = struct.Struct("<Q").unpack_from
_MORE = 0x80
"""Set in each byte of a number but the last."""
_LONGEST = 63
"""The shift of a number's tenth and last seven bits."""


def reader(schema: Any, named: Collection[str] | None = None) -> Read:
    """The function that reads values of a schema which `fastavro.parse_schema` has parsed.

    Where some of a record's fields are `named` it gives those alone, and the position behind the last of them.
    Of bytes that are none it makes a ValueError, LookupError, OverflowError or struct.error, or gives a position
    behind their end.
    """
    source = _Source()
    lines = source.value(schema, "value") if named is None else source.record(schema, "value", named)
    body = [f"    {line}" for line in lines]
    text = "\n".join(["def read(d, i):", *body, "    return value, i"])
    exec(compile(text, "<schema>", "exec"), source.known)  # noqa: S102 - made of committed schemas alone
    read: Read = source.known["read"]
    return read


class _Source:
    """Lines of Python that read one value after the other: `d` the bytes, `i` the position in them."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {
            "long": long, "size": _size, "moment": _moment, "truth": {0: False, 1: True},
            "unpack": struct.unpack_from, "branch": {0: False, 2: True},
        }  # fmt: skip
        self._named: dict[str, Any] = {}
        self._count = 0

    def value(self, schema: Any, into: str) -> Iterator[str]:
        """Lines that leave the value in a variable."""
        if isinstance(schema, list):
            return self._nullable(schema, into)
        kind = schema if isinstance(schema, str) else schema["type"]
        if kind in self._named:
            return self.value(self._named[kind], into)
        if isinstance(schema, dict):
            self._named[schema.get("name", "")] = schema
        return _LINES[(schema.get("logicalType") if isinstance(schema, dict) else None) or kind](
            self, schema, into
        )

    def _new(self, name: str) -> str:
        self._count += 1
        return f"{name}{self._count}"

    def _nullable(self, branches: list[Any], into: str) -> Iterator[str]:
        null, other = branches
        if null != "null":
            raise NotImplementedError("a union is null and one other type")
        yield f"{into} = None"
        yield "i += 1"
        yield "if branch[d[i - 1]]:"
        yield from _inside(self.value(other, into))

    def record(self, schema: Any, into: str, named: Collection[str] | None = None) -> Iterator[str]:
        """A dict by field name."""
        parts = {field["name"]: self._new("v") for field in schema["fields"]}
        kept = {name: part for name, part in parts.items() if named is None or name in named}
        last = [*parts].index([*kept][-1]) if kept else -1
        for field in schema["fields"][: last + 1]:
            yield from self.value(field["type"], parts[field["name"]])
        yield f"{into} = {{{', '.join(f'{name!r}: {part}' for name, part in kept.items())}}}"

    def array(self, schema: Any, into: str) -> Iterator[str]:
        """A list."""
        item, count = self._new("v"), self._new("n")
        yield f"{into} = []"
        yield "while d[i]:"
        yield f"    {count}, i = size(d, i)"
        if schema["items"] == "double":
            yield f"    {into} += unpack(f'<{{{count}}}d', d, i)"
            yield f"    i += 8 * {count}"
        else:
            yield f"    for _ in range({count}):"
            yield from _inside(_inside(self.value(schema["items"], item)))
            yield f"        {into}.append({item})"
        yield "i += 1"

    def map(self, schema: Any, into: str) -> Iterator[str]:
        """A dict."""
        key, item, count = self._new("v"), self._new("v"), self._new("n")
        yield f"{into} = {{}}"
        yield "while d[i]:"
        yield f"    {count}, i = size(d, i)"
        yield f"    for _ in range({count}):"
        yield from _inside(_inside(self.text("string", key)))
        yield from _inside(_inside(self.value(schema["values"], item)))
        yield f"        {into}[{key}] = {item}"
        yield "i += 1"

    def enum(self, schema: Any, into: str) -> Iterator[str]:
        """A symbol."""
        symbols = self._new("s")
        self.known[symbols] = {place << 1: symbol for place, symbol in enumerate(schema["symbols"])}
        yield f"{into} = {symbols}[d[i]]"
        yield "i += 1"

    def bytes(self, _schema: Any, into: str) -> Iterator[str]:
        """Their number, then they."""
        yield "n = d[i]"
        yield "i += 1"
        yield "if n & 0x81:"  # of more than one byte, or below nought
        yield "    n, i = long(d, i - 1)"
        yield "    if n < 0:"
        yield "        raise ValueError('a length below nought')"
        yield "else:"
        yield "    n >>= 1"
        yield "i += n"
        yield f"{into} = d[i - n:i]"

    def text(self, _schema: Any, into: str) -> Iterator[str]:
        """A string."""
        yield from self.bytes(_schema, into)
        yield f"{into} = {into}.decode()"

    def long(self, _schema: Any, into: str) -> Iterator[str]:
        """A number, seldom of more than one byte."""
        yield "n = d[i]"
        yield f"{into}, i = long(d, i) if n & 0x80 else ((n >> 1) ^ -(n & 1), i + 1)"

    def double(self, _schema: Any, into: str) -> Iterator[str]:
        """Eight bytes."""
        yield f"({into},) = unpack('<d', d, i)"
        yield "i += 8"

    def boolean(self, _schema: Any, into: str) -> Iterator[str]:
        """One byte."""
        yield f"{into} = truth[d[i]]"
        yield "i += 1"

    def moment(self, _schema: Any, into: str) -> Iterator[str]:
        """UTC, microseconds."""
        yield f"{into}, i = moment(d, i)"


_LINES: dict[str, Callable[[_Source, Any, str], Iterator[str]]] = {
    "record": _Source.record,
    "array": _Source.array,
    "map": _Source.map,
    "enum": _Source.enum,
    "string": _Source.text,
    "bytes": _Source.bytes,
    "long": _Source.long,
    "double": _Source.double,
    "boolean": _Source.boolean,
    "timestamp-micros": _Source.moment,
}


def _inside(lines: Iterator[str]) -> Iterator[str]:
    return (f"    {line}" for line in lines)


def long(data: bytes, at: int) -> tuple[int, int]:
    """Zigzag, seven bits a byte, the least first."""
    byte = data[at]
    at += 1
    number, shift = byte & 0x7F, 7
    while byte >= _MORE:
        if shift > _LONGEST:
            raise OverflowError("a number of more than 64 bits")
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
    return (number >> 1) ^ -(number & 1), at


def _size(data: bytes, at: int) -> tuple[int, int]:
    """How many items follow; a count below nought is followed by the bytes of the block."""
    count, at = long(data, at)
    if count < 0:
        _bytes, at = long(data, at)
    return abs(count), at


def _moment(data: bytes, at: int) -> tuple[datetime, int]:
    """Microseconds since 1970; eight bytes between 1978 and 3111, whose seven bits each move together by halves."""
    lanes: int = _EIGHT(data, at)[0] if at + 8 <= len(data) else 0
    if lanes & 0x8080_8080_8080_8080 != 0x0080_8080_8080_8080:
        micros, at = long(data, at)
        return _EPOCH + _MICROSECOND * micros, at
    lanes = lanes & 0x007F_007F_007F_007F | (lanes & 0x7F00_7F00_7F00_7F00) >> 1
    lanes = lanes & 0x0000_3FFF_0000_3FFF | (lanes & 0x3FFF_0000_3FFF_0000) >> 2
    number = lanes & 0x0FFF_FFFF | lanes >> 32 << 28
    return _EPOCH + _MICROSECOND * ((number >> 1) ^ -(number & 1)), at + 8
