from domain.vocabulary import Consent, OperatorAnswer, ReminderAnswer
from projections.leads import RECORD_PARTS, from_decisions, from_enriched, from_leads, states
from tests import given
from tests.unit.projections.household import SAID, Story, rows_of


def test_every_part_of_a_record_is_of_its_root_and_a_repeat_changes_nothing(story: Story) -> None:
    assert rows_of(from_enriched, story.of("enriched")) == [
        {"lead_id": "fam-1", "partition": 0},
        *({"lead_id": "fam-1", f"{part}_offset": 0} for part in RECORD_PARTS),
    ]


def test_a_patch_moves_the_parts_that_it_gives(story: Story) -> None:
    before = len(story.of("enriched"))
    story.patch(given.later(days=3), {"time_zone": "Europe/Berlin", "children": {"c1": "Mia"}})

    assert rows_of(from_enriched, story.of("enriched")[before:]) == [
        {"lead_id": "fam-1", "partition": 0},
        {"lead_id": "fam-1", "children_offset": 3},
        {"lead_id": "fam-1", "time_zone_offset": 3},
    ]


def test_s6_open_reviews_are_apart_and_end_with_what_settles_them(story: Story) -> None:
    assert rows_of(from_leads, story.of("leads"))[-1]["reviews"] is None
    held = story.consent(given.later(days=2), Consent.HELD)

    (review,) = rows_of(from_leads, story.of("leads"))[-1]["reviews"]
    assert (review["kind"], review["event_id"]) == ("held", held.event_id)

    story.consent(given.later(days=3), Consent.CONTACTABLE)
    assert rows_of(from_leads, story.of("leads"))[-1]["reviews"] is None


def test_d2_the_decision_in_force_is_named_once_it_is_carried_out(story: Story) -> None:
    assert rows_of(from_leads, story.of("leads"))[-1]["executed_id"] is None
    act = story.answer(given.later(days=2), OperatorAnswer.EXECUTED, action="warm_follow_up")
    assert rows_of(from_leads, story.of("leads"))[-1]["executed_id"] == act.decision_id

    story.call(given.later(days=3), SAID)  # the next decision is nobody's yet
    assert rows_of(from_leads, story.of("leads"))[-1]["executed_id"] is None


def test_the_folded_state_gives_status_consent_and_context(story: Story) -> None:
    last = rows_of(from_leads, story.of("leads"))[-1]

    assert (last["lead_id"], last["status"], last["consent"]) == ("fam-1", "interested", "contactable")
    assert (last["sequence"], last["interactions"]) == (3, 1)
    assert last["due"] == story.answers[-1].lead.due
    (state,) = states(story.of("leads")[-1])
    assert state["folded"]["context"]["stance"]["intent"] == "considering"
    assert "lead_id" not in state["folded"]


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


def test_x1_a_state_says_when_its_open_reminders_are_due(story: Story) -> None:
    def moments() -> tuple[object, object]:
        (row,) = states(story.of("leads")[-1])
        return row["reminds_at"], row["asked_at"]

    own = story.answers[-2].decision.scheduled_for
    assert own is not None
    assert moments() == (own, None)

    asked = story.reminder(given.later(days=1, hours=1), given.later(days=30))
    assert moments() == (own, given.later(days=30))

    story.answer(given.later(days=1, hours=2), OperatorAnswer.EXECUTED, action="info_send")
    assert moments() == (given.later(days=30), given.later(days=30))

    story.remind(given.later(days=2), asked.event_id, ReminderAnswer.DISMISSED)
    assert moments() == (None, None)
