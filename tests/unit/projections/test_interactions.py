import pytest

from domain.events import ConversationEnriched
from projections.interactions import from_enriched, from_interactions
from runtime.transform import Record
from schemas.registry import Schema, latest
from tests import given
from tests.unit.projections.household import NOTE, REASON, TRANSCRIPT, Ring, Story, acted, rows_of
from tests.unit.schemas.examples import example, name

LATEST = [schema for schema in latest().values() if not schema.event.startswith("tick")]
TOLD = [schema for schema in LATEST if schema.topic == "interactions"]
PASSED_ON = [
    schema for schema in LATEST if schema.topic == "enriched" and schema.type is not ConversationEnriched
]


def test_each_root_record_has_a_row_of_its_own_even_under_one_event_id(story: Story) -> None:
    recorded, called, repeated = rows_of(from_interactions, story.of("interactions"))

    assert [row["root_offset"] for row in (recorded, called, repeated)] == [0, 1, 2]
    assert (recorded["kind"], called["kind"]) == ("lead", "interaction")
    assert called["event_id"] == repeated["event_id"]
    assert called["occurred_at"] == given.later(days=1)


def test_texts_are_stored_sealed(story: Story) -> None:
    rows = rows_of(from_interactions, story.of("interactions")) + rows_of(from_enriched, story.of("enriched"))

    assert set(rows[1]["recorded"]["transcript"]) == {"key_id", "event_id", "box"}
    for words in (TRANSCRIPT, "'Mia'", "'Dana'", "a lot for us", "Saturday"):
        assert words not in str(rows)


def test_enrichment_lands_on_the_row_of_its_root(story: Story) -> None:
    recorded, called, repeated = rows_of(from_enriched, story.of("enriched"))

    assert [row["root_offset"] for row in (recorded, called, repeated)] == [0, 1, 2]
    assert called["extraction"]["intent"] == "considering"
    assert repeated["repeats"] == "duplicate"
    assert recorded["extraction"] is None
    assert called["repeats"] is None


def test_an_act_has_a_row_named_for_its_event_and_is_marked_as_passed_on() -> None:
    story = acted(Ring())
    told = rows_of(from_interactions, story.of("interactions"))
    passed_on = rows_of(from_enriched, story.of("enriched"))

    assert [row["kind"] for row in told] == [
        "lead",
        "lead-patched",
        "decision-answered",
        "enrolment",
        "attendance",
        "payment",
        "status",
        "consent",
    ]
    assert [row["root_offset"] for row in passed_on] == [row["root_offset"] for row in told]
    assert all(row["enriched_id"] and row["extraction"] is None for row in passed_on)
    assert told[2]["recorded"]["actor"] == "front-desk"
    assert set(told[2]["recorded"]["note"]) == {"key_id", "event_id", "box"}
    for words in (REASON, NOTE, "summer camp", "Benedict", "ENR-1", "SES-1", "INV-1"):
        assert words not in str(told)


@pytest.mark.parametrize("schema", TOLD, ids=name)
def test_every_event_of_the_catalogue_has_a_row_under_its_name(schema: Schema) -> None:
    event = example(schema)
    (row,) = from_interactions(Record("interactions", 3, 7, event.lead_id, event, given.NOON))

    assert (row["kind"], row["partition"], row["root_offset"]) == (schema.event, 3, 7)
    assert (row["event_id"], row["occurred_at"]) == (event.event_id, event.occurred_at)


@pytest.mark.parametrize("schema", PASSED_ON, ids=name)
def test_every_enriched_event_of_the_catalogue_marks_its_root(schema: Schema) -> None:
    event = example(schema)
    (row,) = from_enriched(Record("enriched", 3, 7, event.lead_id, event, given.NOON))

    assert (row["root_offset"], row["enriched_id"]) == (event.root_offset, event.event_id)


def test_d6_each_message_says_with_which_it_was_read_and_the_last_what_was_said() -> None:
    (schema,) = (schema for schema in LATEST if schema.type is ConversationEnriched)
    event = example(schema)
    first, last = from_enriched(Record("enriched", 3, 9, event.lead_id, event, given.NOON))

    assert [row["root_offset"] for row in (first, last)] == [part.root_offset for part in event.parts]
    assert first["conversation"] == last["conversation"]
    assert last["conversation"]["events"] == [part.event_id for part in event.parts]
    assert (last["extraction"].intent, "extraction" in first) == (event.extraction.intent, False)


def test_nothing_is_shown_as_read_in_a_message_that_waits() -> None:
    waits = given.text(buffered=True)
    (row,) = from_enriched(Record("enriched", 3, 7, "fam-1", waits, given.NOON))

    assert "extraction" not in row
