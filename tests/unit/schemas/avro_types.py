"""Avro schemas and our classes reduced to the same plain shape, so that tests can compare and search them."""

import types
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

PLAIN = {
    str: "string",
    int: "long",
    float: "double",
    bool: "boolean",
    bytes: "bytes",
    datetime: "timestamp-micros",
}


def shape_of_class(kind: Any, known: dict[Any, Any] | None = None) -> Any:
    """What a class or annotation looks like: names, nullability, enum symbols."""
    known = known or {}
    kind = known.get(kind, kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if kind in PLAIN:
        return PLAIN[kind]
    if origin in (Union, types.UnionType):
        (inner,) = (one for one in arguments if one is not type(None))
        return {"nullable": shape_of_class(inner, known)}
    if origin is tuple:
        return {"array": shape_of_class(arguments[0], known)}
    if origin is dict:
        return {"map": shape_of_class(arguments[1], known)}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"enum": kind.__name__, "symbols": [member.value for member in kind]}
    kind, known = (
        origin or kind,
        known | dict(zip(getattr(origin, "__parameters__", ()), arguments, strict=True)),
    )
    hints = get_type_hints(kind)
    shapes = {one.name: shape_of_class(_filled(hints[one.name], known), known) for one in fields(kind)}
    return {"record": kind.__name__, "fields": shapes}


def _filled(hint: Any, known: dict[Any, Any]) -> Any:
    """The annotation with the type variables that are known."""
    free = getattr(hint, "__parameters__", ())
    return hint[tuple(known[one] for one in free)] if free and hint not in known else hint


def shape_of_schema(schema: Any, known: dict[str, Any] | None = None) -> Any:
    """The same of an Avro schema, its names resolved."""
    known = {} if known is None else known
    if isinstance(schema, str):
        return known.get(schema, schema)
    if isinstance(schema, list):
        first, inner = schema
        assert first == "null", "a union is null and one type, null first"
        return {"nullable": shape_of_schema(inner, known)}
    if "name" in schema:
        known[schema["name"]] = _named(schema, known)
        return known[schema["name"]]
    for kind, inner in (("array", "items"), ("map", "values")):
        if schema["type"] == kind:
            return {kind: shape_of_schema(schema[inner], known)}
    return schema["logicalType"]


def _named(schema: Any, known: dict[str, Any]) -> Any:
    if schema["type"] == "enum":
        return {"enum": schema["name"], "symbols": schema["symbols"]}
    shapes = {one["name"]: shape_of_schema(one["type"], known) for one in schema["fields"]}
    return {"record": schema["name"], "fields": shapes}


def definitions(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema object in a schema, itself first: records, enums, arrays, maps, logical types."""
    if isinstance(schema, list):
        for one in schema:
            yield from definitions(one)
    elif isinstance(schema, dict):
        yield schema
        for inner in (schema.get("type"), schema.get("items"), schema.get("values")):
            if isinstance(inner, dict | list):
                yield from definitions(inner)
        for field in schema.get("fields", ()):
            yield from definitions(field["type"])


def leaves(shape: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every field of a shape with its path, down to plain types, enums and `Sealed`."""
    match shape:
        case {"nullable": inner} | {"array": inner} | {"map": inner}:
            yield from leaves(inner, path)
        case {"record": name, "fields": inner} if name != "Sealed":
            for field, one in inner.items():
                yield from leaves(one, (*path, field))
        case _:
            yield path, shape


def defaults(kind: type) -> Iterator[tuple[str, str, Any]]:
    """(record, field, default) of a class and the classes in it, where a plain default is given."""
    for one in fields(kind):
        hint = get_type_hints(kind)[one.name]
        for inner in (hint, *get_args(hint)):
            if is_dataclass(inner) and isinstance(inner, type):
                yield from defaults(inner)
        if one.default is not MISSING and isinstance(one.default, bool | int | float | str | None):
            yield kind.__name__, one.name, one.default
