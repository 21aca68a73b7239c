"""Values that fastavro takes for a schema, drawn."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

LONGS = st.integers(-(2**63), 2**63 - 1)
SIMPLE: dict[str, st.SearchStrategy[Any]] = {
    "null": st.none(),
    "string": st.text(max_size=12),
    "bytes": st.binary(max_size=12),
    "long": LONGS | st.integers(-70, 70),
    "double": st.floats(allow_nan=False),
    "boolean": st.booleans(),
}
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2300, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


def allowed(schema: Any, named: dict[str, Any]) -> st.SearchStrategy[Any]:
    """What fastavro takes for a parsed schema."""
    if isinstance(schema, list):
        return st.one_of([allowed(one, named) for one in schema])
    if isinstance(schema, str):
        return SIMPLE[schema] if schema in SIMPLE else named[schema]
    kind = schema["type"]
    if kind == "array":
        return st.lists(allowed(schema["items"], named), max_size=3)
    if kind == "map":
        return st.dictionaries(st.text(max_size=5), allowed(schema["values"], named), max_size=3)
    if kind in SIMPLE:
        return MOMENTS if "logicalType" in schema else SIMPLE[kind]
    fields = {field["name"]: allowed(field["type"], named) for field in schema.get("fields", ())}
    made = st.sampled_from(schema["symbols"]) if kind == "enum" else st.fixed_dictionaries(fields)
    named[schema["name"]] = made
    return made
