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


def fields(event: object) -> Any:
    """The event as Avro libraries take and give it."""
    return _listed(msgspec.to_builtins(event, builtin_types=KEPT))


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _listed(one) for key, one in value.items()}
    return [_listed(one) for one in value] if isinstance(value, list | tuple) else value


def parsed(schema: Schema) -> Any:
    """The schema as fastavro has it, from nothing but its text."""
    return fastavro.parse_schema(json.loads(schema.text))


def example_key(key_id: str) -> Key:
    """The keys of the examples are no secret: SHA-512 of their id."""
    return Key(key_id, hashlib.sha512(key_id.encode()).digest())
