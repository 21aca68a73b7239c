"""The committed examples: each file is its event as `msgspec.json` writes it.

That is: bytes as base64 (RFC 4648, padded), moments as ISO 8601 in UTC, classes by their words.
"""

import hashlib
import json
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import fastavro
import msgspec

from schemas.registry import Schema, schemas
from schemas.sealed import Key
from tests.unit.schemas.avro_types import shape_of_schema

FOLDER = files("schemas").joinpath("examples")
SCHEMAS = tuple(schemas().values())
"""In the order of their ids."""

KEPT = (datetime, bytes)
"""What both JSON and Avro have a way of their own for."""


def name(schema: Schema) -> str:
    """`<topic>.<event>.v<version>`: what the files of a schema and of its example begin with."""
    return f"{schema.topic}.{schema.event}.v{schema.version}"


@cache
def example(schema: Schema) -> Any:
    """The example as its class."""
    return msgspec.json.decode(FOLDER.joinpath(f"{name(schema)}.json").read_bytes(), type=schema.type)


def fields(schema: Schema) -> Any:
    """The example as Avro libraries take and give it: what its version of the schema names, and no more."""
    return _within(msgspec.to_builtins(example(schema), builtin_types=KEPT), shape_of_schema(_avro(schema)))


def text(schema: Schema) -> bytes:
    """The example as its file must be."""
    named = _within(msgspec.to_builtins(example(schema)), shape_of_schema(_avro(schema)))
    return msgspec.json.format(msgspec.json.encode(named), indent=2) + b"\n"


def _avro(schema: Schema) -> Any:
    return json.loads(schema.text)


def _within(value: Any, shape: Any) -> Any:
    """The parts of a value that a shape names; an older version lacks what a class has learned since."""
    match shape:
        case {"nullable": inner}:
            return None if value is None else _within(value, inner)
        case {"array": inner}:
            return [_within(one, inner) for one in value]
        case {"map": inner}:
            return {key: _within(one, inner) for key, one in value.items()}
        case {"record": _, "fields": named}:
            return {field: _within(value[field], one) for field, one in named.items()}
    return value


def parsed(schema: Schema) -> Any:
    """The schema as fastavro has it, from nothing but its text."""
    return fastavro.parse_schema(json.loads(schema.text))


def example_key(key_id: str) -> Key:
    """The keys of the examples are no secret: SHA-512 of their id."""
    return Key(key_id, hashlib.sha512(key_id.encode()).digest())
