from projections.leads import from_decisions, from_enriched, from_leads
from tests import given
from tests.unit.projections.household import Story, rows_of


def test_the_record_in_force_is_named_by_its_root_and_a_repeat_changes_nothing(story: Story) -> None:
    assert rows_of(from_enriched, story.of("enriched")) == [
        {"lead_id": "fam-1", "partition": 0, "record_offset": 0}
    ]


def test_the_folded_state_gives_status_consent_and_context(story: Story) -> None:
    last = rows_of(from_leads, story.of("leads"))[-1]

    assert (last["lead_id"], last["status"], last["consent"]) == ("fam-1", "interested", "contactable")
    assert (last["sequence"], last["interactions"]) == (3, 1)
    assert last["due"] == story.answers[-1].lead.due
    assert last["folded"]["context"]["stance"]["intent"] == "considering"
    assert "recent" not in last["folded"]


def test_every_answer_moves_the_state(story: Story) -> None:
    rows = [row for row in rows_of(from_decisions, story.of("decisions")) if "state" in row]

    assert [row["state"] for row in rows] == ["new:neutral", *["interested:financial_concern"] * 2]
    assert rows[-1]["bucket"] == "financial_concern"
    assert rows[-1]["updated_at"] == given.later(days=1, minutes=1)


def test_only_a_decision_is_in_force(story: Story) -> None:
    rows = [row for row in rows_of(from_decisions, story.of("decisions")) if "action" in row]
    decision = story.answers[1].decision

    assert len(rows) == 2
    assert (rows[-1]["decision_id"], rows[-1]["action"]) == (decision.decision_id, decision.action)
    assert rows[-1]["decided_at"] == given.later(days=1)
