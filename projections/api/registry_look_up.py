"""Finds a committed schema by its subject, and by its text however that is spelt."""

import json
from typing import Any

from fastavro.schema import SchemaParseException, UnknownType, to_parsing_canonical_form

from schemas.registry import Schema, schemas


def versions_of(subject: str) -> dict[int, Schema]:
    """The schemas of a subject by version; none for a subject that is not known."""
    return {schema.version: schema for schema in schemas().values() if schema.subject == subject}


def look_up(subject: str, text: str) -> Schema | None:
    """The version that has this schema: the same JSON, else the newest that is written alike.

    Clients spell a schema anew and may leave out what says nothing of the bytes. Raises ValueError for what is no
    Avro schema.
    """
    try:
        sought = json.loads(text)
        form = _form(sought)
    except (
        SchemaParseException,
        UnknownType,
        LookupError,
        TypeError,
        AttributeError,
        RecursionError,
    ) as wrong:
        raise ValueError("no Avro schema") from wrong
    alike = [schema for schema in versions_of(subject).values() if _form(json.loads(schema.text)) == form]
    same = [schema for schema in alike if json.loads(schema.text) == sought]
    return max(same or alike, key=lambda schema: schema.version, default=None)


def _form(schema: Any) -> str:
    """Avro's Parsing Canonical Form, which leaves out documentation and defaults."""
    form: str = to_parsing_canonical_form(schema)
    return form
