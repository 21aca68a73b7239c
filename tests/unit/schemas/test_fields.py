"""What stands in the schemas: the classes' fields, sealed words, few types and a sentence where one is needed."""

import json
from typing import Any

import pytest

from schemas.registry import Schema, latest
from schemas.topics import TOPICS
from tests.unit.schemas.avro_types import defaults, definitions, leaves, shape_of_class, shape_of_schema
from tests.unit.schemas.examples import SCHEMAS, name

LOGICAL_TYPES = {"timestamp-micros", "uuid", "date", "decimal"}
"""Those that every Avro library reads alike (architecture 2.7)."""

WORDS = {
    "campaign_goal",
    "constraints",
    "decision_makers",
    "detail",
    "email",
    "external_ref",
    "household_notes",
    "mentions",
    "name",
    "note",
    "open_questions",
    "phone",
    "preferred_times",
    "programme",
    "quote",
    "reason",
    "siblings",
    "signal",
    "summary",
    "text",
    "topic",
    "transcript",
}
"""Fields that hold what somebody is called or has said: sealed wherever families' words may stand."""

TOLD = ("interactions", "enriched")
"""Topics on which families' words may stand, sealed; on no other."""

IN_CLEAR = ("inbox",)
"""The one topic where they stand as they were said: nobody outside has a key, and it is kept for a day."""

DAY_MS, HOUR_MS = 86_400_000, 3_600_000

CLEAR = {
    *("adapter", "arm", "bucket", "classifier", "experiment", "logic_version", "mode", "model"),
    *("executed_action", "kind", "override", "policy_id", "preset", "source", "enrolment_from"),
    *("price_version", "prompt_hash", "schema_hash"),  # of what a model was asked
    *("actor", "given"),  # the name of a token, and names of a record's parts
    *("seed", "salt"),  # of draws and arms
    "past",  # lines of ids, of names of closed lists and of numbers
    *("reminder_id", "reminders", "subject", "also_teaches", "hint"),
    *("child_id", "decision_id", "event_id", "guardian_id", "id", "lead_id", "table_id", "transition_id"),
    *("erasure_event_id", "receipt_id", "key_id", "wrapped_sha256", "where"),  # of what was erased
    *("cause_event_id", "supersedes", "state", "from_state", "to_state", "action", "next_actions"),
    *(
        "avoid",
        "local_time",
        "prepare",
        "reasons",
        "suggested_action",
        "time_zone",
        "timing",
        "tone",
    ),
}
"""Strings that are ids, names of closed lists or phrases of committed tables; a new one is a decision."""

RULES = {"reason", "signal"}
"""Words of the families or of an operator on `TOLD`, sealed; on any other topic the name of a rule or a class."""

MORE = {"interactions": set[str](), "enriched": set[str](), "inbox": WORDS}
"""What else may be a plain string on a topic, where that is other than `RULES`."""

each_schema = pytest.mark.parametrize("schema", SCHEMAS, ids=name)
each_latest = pytest.mark.parametrize("schema", latest().values(), ids=name)


def _avro(schema: Schema) -> Any:
    return json.loads(schema.text)


def _records(schema: Schema) -> list[dict[str, Any]]:
    return [one for one in definitions(_avro(schema)) if one.get("type") == "record"]


@each_latest
def test_fields_nullability_and_symbols_are_those_of_the_class(schema: Schema) -> None:
    assert shape_of_schema(_avro(schema)) == shape_of_class(schema.type)


@each_schema
def test_what_may_be_null_is_null_by_default(schema: Schema) -> None:
    optional = [
        (record["name"], field["name"], field.get("default", "none"))
        for record in _records(schema)
        for field in record["fields"]
        if isinstance(field["type"], list)
    ]

    assert [field for field in optional if field[2] is not None] == []


@each_latest
def test_where_schema_and_class_both_have_a_plain_default_it_is_the_same(schema: Schema) -> None:
    ours = {(record, field): default for record, field, default in defaults(schema.type)}
    theirs = {
        (record["name"], field["name"]): field["default"]
        for record in _records(schema)
        for field in record["fields"]
        if "default" in field
    }

    both = ours.keys() & theirs.keys()
    assert {place: ours[place] for place in both} == {place: theirs[place] for place in both}


@each_schema
def test_only_logical_types_that_everybody_reads(schema: Schema) -> None:
    used = {one["logicalType"] for one in definitions(_avro(schema)) if "logicalType" in one}

    assert used <= LOGICAL_TYPES


@pytest.mark.parametrize("schema", [one for one in SCHEMAS if one.topic in IN_CLEAR], ids=name)
def test_a_word_in_clear_says_so(schema: Schema) -> None:
    found = [
        field
        for record in _records(schema)
        for field in record["fields"]
        if field["name"] in WORDS and field["doc"].startswith("In clear")
    ]
    words = [path for path, _shape in leaves(shape_of_schema(_avro(schema))) if path[-1] in WORDS]

    assert len(found) == len(words) > 0


@pytest.mark.parametrize("topic", IN_CLEAR)
def test_where_words_are_in_clear_they_are_kept_for_a_day_and_so_are_their_dead_letters(topic: str) -> None:
    aside = [f"{reader}.{kind}" for reader in TOPICS[topic].read_by for kind in ("dead", "redrive")]

    assert aside
    for each in (topic, *aside):
        config = TOPICS[each].config
        assert config["cleanup.policy"] == "delete"
        assert int(config["retention.ms"]) <= DAY_MS
        assert int(config["segment.ms"]) <= HOUR_MS


@pytest.mark.parametrize("schema", [one for one in SCHEMAS if one.topic in TOLD], ids=name)
def test_what_a_family_is_called_or_has_said_is_sealed(schema: Schema) -> None:
    for path, shape in leaves(shape_of_schema(_avro(schema))):
        if path[-1] in WORDS:
            assert shape == _SEALED, f"{'.'.join(path)} is a plain {shape}"


_SEALED = {"record": "Sealed", "fields": {"key_id": "string", "event_id": "string", "box": "bytes"}}


@each_schema
def test_every_plain_string_is_an_id_or_of_a_closed_list(schema: Schema) -> None:
    closed = CLEAR | MORE.get(schema.topic, RULES)
    strings = {path[-1] for path, shape in leaves(shape_of_schema(_avro(schema))) if shape == "string"}

    assert strings - closed == set()


WAITING = "threads"
"""Messages wait there, sealed, until they are read."""


@pytest.mark.parametrize("schema", [one for one in SCHEMAS if one.topic not in (*TOLD, WAITING)], ids=name)
def test_decisions_states_and_learned_values_hold_nothing_sealed(schema: Schema) -> None:
    assert "Sealed" not in {record["name"] for record in _records(schema)}


def test_the_words_are_on_the_log_at_all() -> None:
    found = {
        path[-1]
        for schema in SCHEMAS
        for path, shape in leaves(shape_of_schema(_avro(schema)))
        if shape == _SEALED
    }

    assert found == WORDS


def test_a_name_means_the_same_wherever_it_stands() -> None:
    known: dict[str, Any] = {}
    for schema in latest().values():
        for one in definitions(_avro(schema)):
            if "name" in one and one["name"] != schema.type.__name__:
                shapes = {part: shape for part, (shape, _doc) in known.items()}
                shape = (shape_of_schema(one, shapes), one.get("doc"))
                assert known.setdefault(one["name"], shape) == shape, f"{one['name']} in {name(schema)}"


@each_schema
def test_ids_numbers_moments_and_bytes_say_of_what(schema: Schema) -> None:
    silent = [
        f"{record['name']}.{field['name']}"
        for record in _records(schema)
        for field in record["fields"]
        if not field.get("doc") and _needs_words(field)
    ]

    assert silent == []


def _needs_words(field: dict[str, Any]) -> bool:
    (_path, shape), *more = leaves(shape_of_schema(field["type"], {}))
    numeric = not more and shape in ("long", "double", "bytes", "timestamp-micros")
    return numeric or field["name"].endswith(("event_id", "decision_id", "table_id"))


@each_schema
def test_every_record_and_enum_says_what_it_is(schema: Schema) -> None:
    assert [one["name"] for one in definitions(_avro(schema)) if "name" in one and not one.get("doc")] == []
