from projections.q_table import from_markers, from_rows
from tests.unit.projections.household import Story, rows_of


def test_a_row_is_named_by_its_key_and_learning_replaces_it(story: Story) -> None:
    rows = rows_of(from_rows, story.of("q-table"))
    learned = rows[-1]

    assert (learned["table_id"], learned["state"], learned["action"]) == (
        "default",
        "new:neutral",
        "warm_follow_up",
    )
    assert (learned["visits"], learned["pseudo_visits"], learned["version"]) == (1, 1, 1)
    assert learned["reward_sum"] == story.answers[1].transitions[0].reward


def test_a_marker_gives_the_version_of_its_table(story: Story) -> None:
    assert [row["version"] for row in rows_of(from_markers, story.of("q-table"))] == [0, 1]
    assert {row["table_id"] for row in rows_of(from_markers, story.of("q-table"))} == {"default"}
