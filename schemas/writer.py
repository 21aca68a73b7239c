"""A value's Avro body straight from its attributes, by a function that is compiled from the schema once.

Apache Avro 1.12.0 Specification, Binary Encoding; of its types only those that the committed schemas use.
"""

import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

Write = Callable[[Any], bytes]

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_LONGS = range(-(1 << 63), 1 << 63)


def writer(schema: Any, frame: bytes = b"") -> Write:
    """The function that writes values of a schema which `fastavro.parse_schema` has parsed, each behind a frame.

    It expects the value's own types, which mypy has checked; a symbol that the schema lacks is a KeyError.
    """
    source = _Source()
    text = "\n".join(source.function(schema, "write", frame))
    exec(compile(text, "<schema>", "exec"), source.known)  # noqa: S102 - made of committed schemas alone
    write: Write = source.known["write"]
    return write


def long(number: int) -> bytes:
    """Zigzag, then seven bits a byte, the least first."""
    if number not in _LONGS:
        raise OverflowError(f"{number} is no 64-bit integer")
    rest = number << 1 if number >= 0 else ~(number << 1)
    if 0x4000 <= rest < 0x20_0000:  # an offset, a duration
        return bytes((rest & 0x7F | 0x80, rest >> 7 & 0x7F | 0x80, rest >> 14))
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
    return _SHORT[number] if 0 <= number < _KNOWN else long(number)


@cache
def _doubles(count: int) -> Callable[..., bytes]:
    return struct.Struct(f"<{count}d").pack


def _moment(value: datetime) -> bytes:
    """Microseconds since 1970; eight bytes between 1978 and 3111, to which seven bits each move by halves."""
    number = (value - _EPOCH) // _MICROSECOND << 1
    if not 1 << 49 <= number < 1 << 56:
        return long(number >> 1)
    lanes = number & 0x0FFF_FFFF | (number & 0x00FF_FFFF_F000_0000) << 4
    lanes = lanes & 0x0000_3FFF_0000_3FFF | (lanes & 0x0FFF_C000_0FFF_C000) << 2
    lanes = lanes & 0x007F_007F_007F_007F | (lanes & 0x3F80_3F80_3F80_3F80) << 1
    return (lanes | 0x0080_8080_8080_8080).to_bytes(8, "little")


class _Source:
    """Python that writes a value: statements that must come first, and then the expressions of its parts."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {
            "long": long, "length": _length, "moment": _moment, "short": _SHORT, "join": b"".join,
            "double": struct.Struct("<d").pack, "doubles": _doubles, "truth": {False: b"\0", True: b"\1"},
        }  # fmt: skip
        self._named: dict[str, Any] = {}
        self._count = 0

    def function(self, schema: Any, name: str, frame: bytes = b"") -> list[str]:
        """A function of the value."""
        before, parts = self.value(schema, "value")
        framed = [repr(frame), *parts] if frame else parts
        return [f"def {name}(value):", *_inside(before), f"    return {_joined(framed)}"]

    def value(self, schema: Any, of: str) -> tuple[list[str], list[str]]:
        """Statements and parts; `of` is a variable."""
        if isinstance(schema, list):
            return self._nullable(schema, of)
        kind = schema if isinstance(schema, str) else schema["type"]
        if kind in self._named:
            return self.value(self._named[kind], of)
        if isinstance(schema, dict):
            self._named[schema.get("name", "")] = schema
        return _PARTS[(schema.get("logicalType") if isinstance(schema, dict) else None) or kind](
            self, schema, of
        )

    def new(self, name: str) -> str:
        """A name that nothing has."""
        self._count += 1
        return f"{name}{self._count}"

    def _nullable(self, branches: list[Any], of: str) -> tuple[list[str], list[str]]:
        null, other = branches
        if null != "null":
            raise NotImplementedError("a union is null and one other type")
        part = self.new("p")
        before, parts = self.value(other, of)
        there = _inside([*before, f"{part} = {_joined([repr(bytes([2])), *parts])}"])
        return [f"{part} = {bytes(1)!r}", f"if {of} is not None:", *there], [part]

    def record(self, schema: Any, of: str) -> tuple[list[str], list[str]]:
        """Its fields, one after the other."""
        statements, parts = [], []
        for field in schema["fields"]:
            part = self.new("v")
            before, inside = self.value(field["type"], part)
            statements += [f"{part} = {of}.{field['name']}", *before]
            parts += inside
        return statements, parts

    def array(self, schema: Any, of: str) -> tuple[list[str], list[str]]:
        """A count, the items, and nought; nought alone where there are none."""
        if schema["items"] == "double":
            items = f"doubles(len({of}))(*{of})"
        else:
            items = f"*map({self._each(schema['items'])}, {of})"
        return [], [f"join((length(len({of})), {items}, {bytes(1)!r})) if {of} else {bytes(1)!r}"]

    def map(self, schema: Any, of: str) -> tuple[list[str], list[str]]:
        """The same, each item after its key."""
        pairs = f"map({self._each('string')}, {of}), map({self._each(schema['values'])}, {of}.values())"
        items = f"*(part for pair in zip({pairs}) for part in pair)"
        return [], [f"join((length(len({of})), {items}, {bytes(1)!r})) if {of} else {bytes(1)!r}"]

    def _each(self, schema: Any) -> str:
        """The name of a function that writes one item."""
        name = self.new("each")
        kind = self._named.get(schema, schema) if isinstance(schema, str) else schema
        if isinstance(kind, dict) and kind["type"] == "enum":
            self._named[kind["name"]] = kind
            self.known[name] = _places(kind).__getitem__
            return name
        exec(compile("\n".join(self.function(schema, name)), "<schema>", "exec"), self.known)  # noqa: S102 - as above
        return name

    def enum(self, schema: Any, of: str) -> tuple[list[str], list[str]]:
        """The symbol's place."""
        places = self.new("s")
        self.known[places] = _places(schema)
        return [], [f"{places}[{of}]"]

    def bytes(self, _schema: Any, of: str) -> tuple[list[str], list[str]]:
        """Their number, then they."""
        size = self.new("n")
        return [f"{size} = len({of})"], [f"short[{size}] if {size} < {_KNOWN} else long({size})", of]

    def text(self, schema: Any, of: str) -> tuple[list[str], list[str]]:
        """UTF-8."""
        data = self.new("b")
        before, parts = self.bytes(schema, data)
        return [f"{data} = {of}.encode()", *before], parts

    def long(self, _schema: Any, of: str) -> tuple[list[str], list[str]]:
        """A number, seldom a great one."""
        return [], [f"short[{of}] if 0 <= {of} < {_KNOWN} else long({of})"]


def _places(schema: Any) -> dict[str, bytes]:
    return {symbol: long(place) for place, symbol in enumerate(schema["symbols"])}


def _by(call: str) -> Callable[[_Source, Any, str], tuple[list[str], list[str]]]:
    return lambda _source, _schema, of: ([], [call.format(of)])


_PARTS: dict[str, Callable[[_Source, Any, str], tuple[list[str], list[str]]]] = {
    "record": _Source.record,
    "array": _Source.array,
    "map": _Source.map,
    "enum": _Source.enum,
    "string": _Source.text,
    "bytes": _Source.bytes,
    "long": _Source.long,
    "double": _by("double({})"),
    "boolean": _by("truth[{}]"),
    "timestamp-micros": _by("moment({})"),
}


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"join(({', '.join(parts)}))"


def _inside(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]
