import msgspec

from domain.records import Transition
from projections.transitions import from_transitions
from tests.unit.projections.household import Story, rows_of


def test_a_transition_is_kept_complete_at_the_version_that_folds_it(story: Story) -> None:
    created, learned = rows_of(from_transitions, story.of("transitions"))
    (closed,) = story.answers[1].transitions

    assert (created["kind"], created["version"]) == ("table_created", 0)
    assert (learned["kind"], learned["version"]) == ("organic", 1)
    assert (learned["from_state"], learned["action"], learned["reward"]) == (
        "new:neutral",
        "warm_follow_up",
        closed.reward,
    )
    assert msgspec.convert(learned["record"], Transition) == closed
