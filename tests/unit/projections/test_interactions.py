from projections.interactions import from_enriched, from_interactions
from tests import given
from tests.unit.projections.household import TRANSCRIPT, Story, rows_of


def test_each_root_record_has_a_row_of_its_own_even_under_one_event_id(story: Story) -> None:
    recorded, called, repeated = rows_of(from_interactions, story.of("interactions"))

    assert [row["root_offset"] for row in (recorded, called, repeated)] == [0, 1, 2]
    assert (recorded["kind"], called["kind"]) == ("lead", "interaction")
    assert called["event_id"] == repeated["event_id"]
    assert called["occurred_at"] == given.later(days=1)


def test_texts_are_stored_sealed(story: Story) -> None:
    rows = rows_of(from_interactions, story.of("interactions")) + rows_of(from_enriched, story.of("enriched"))

    assert set(rows[1]["recorded"]["transcript"]) == {"key_id", "event_id", "box"}
    for words in (TRANSCRIPT, "Mia", "Dana", "a lot for us", "Saturday"):
        assert words not in str(rows)


def test_enrichment_lands_on_the_row_of_its_root(story: Story) -> None:
    recorded, called, repeated = rows_of(from_enriched, story.of("enriched"))

    assert [row["root_offset"] for row in (recorded, called, repeated)] == [0, 1, 2]
    assert called["extraction"]["intent"] == "considering"
    assert repeated["repeats"] == "duplicate"
    assert recorded["extraction"] is None
    assert called["repeats"] is None
