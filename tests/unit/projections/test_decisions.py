import msgspec

from domain.records import Decision
from projections.decisions import from_decisions
from tests.unit.projections.household import Story, rows_of


def test_every_answer_is_kept_complete(story: Story) -> None:
    rows = rows_of(from_decisions, story.of("decisions"))

    assert [row["verdict"] for row in rows] == ["decision", "decision", "duplicate"]
    assert [row["sequence"] for row in rows] == [0, 1, 2]
    for row, answer in zip(rows, story.answers, strict=True):
        assert msgspec.convert(row["record"], Decision) == answer.decision


def test_an_answer_names_its_root(story: Story) -> None:
    rows = rows_of(from_decisions, story.of("decisions"))

    assert [(row["partition"], row["root_offset"]) for row in rows] == [(0, 0), (0, 1), (0, 2)]
