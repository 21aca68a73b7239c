"""Plans (X) and the counts that they rest on (L3)."""

from dataclasses import replace

from hypothesis import given as such_that
from hypothesis import strategies as st

from domain.next_states import Next, counted
from domain.plans import Step, planned
from domain.q_learning import Row, Values
from domain.records import Transition
from tests import given

DAY = 86_400.0


def led(
    state: str, action: str, to: str, days: float = 1, actions: tuple[str, ...] = ("wait",), **changes: object
) -> Transition:
    taught = given.taught(state, action, 0.1)
    return replace(taught, to_state=to, elapsed_s=days * DAY, next_actions=actions, **changes)  # type: ignore[arg-type] # fields by name


STORY = (
    led("new:neutral", "warm_follow_up", "contacted:neutral", 2, ("info_send", "gentle_nudge")),
    led("new:neutral", "warm_follow_up", "contacted:neutral", 4, ("info_send", "gentle_nudge")),
    led("new:neutral", "warm_follow_up", "new:unreached", 1),
    led("contacted:neutral", "gentle_nudge", "interested:neutral", 3, ("scheduling_push",)),
    led("interested:neutral", "scheduling_push", "trial:neutral", 5, ("wait",)),
    led("trial:neutral", "wait", "trial:neutral"),
)
VALUES = Values(
    "default",
    9,
    0.1,
    0.9,
    {
        "new:neutral": {"warm_follow_up": Row(0.4, 3, 1, 0.3, 3)},
        "contacted:neutral": {"gentle_nudge": Row(0.6, 1, 0, 0.1, 4), "info_send": Row(0.5, 0, 1, 0.0, 0)},
    },
)
COUNTS = counted(STORY)


def follows(state: str, action: str) -> tuple[Next, ...]:
    return COUNTS.get((state, action), ())


def test_l3_next_states_are_counted_by_state_and_by_what_could_be_done_there() -> None:
    assert COUNTS["new:neutral", "warm_follow_up"] == (
        Next("contacted:neutral", ("info_send", "gentle_nudge"), False, 2, 3 * DAY),
        Next("new:unreached", ("wait",), False, 1, DAY),
    )
    narrower = counted((*STORY, led("new:neutral", "warm_follow_up", "contacted:neutral", 9, ("info_send",))))
    assert [each.count for each in narrower["new:neutral", "warm_follow_up"]] == [2, 1, 1]


def test_l3_what_came_late_or_followed_no_decision_is_no_next_state() -> None:
    late = led("new:neutral", "wait", "contacted:neutral", kind="late")
    unknown = replace(late, kind="organic", action=None)

    assert counted((late, unknown, given.TABLE)) == {}


@such_that(order=st.permutations(STORY))
def test_l3_counts_do_not_depend_on_the_order_in_which_transitions_are_met(order: list[Transition]) -> None:
    assert counted(order) == COUNTS


def test_x2_a_plan_follows_what_most_often_followed_with_the_best_action_there() -> None:
    assert planned("new:neutral", "warm_follow_up", VALUES, follows) == (
        Step("new:neutral", "warm_follow_up", 0.4, 3, 3 * DAY, "contacted:neutral", 2 / 3),
        Step("contacted:neutral", "gentle_nudge", 0.6, 1, 3 * DAY, "interested:neutral", 1.0),
        Step("interested:neutral", "scheduling_push", 0.0, 0, 5 * DAY, "trial:neutral", 1.0),
    )


def test_x2_a_plan_has_at_most_three_steps_and_ends_where_nothing_is_known() -> None:
    assert len(planned("new:neutral", "warm_follow_up", VALUES, follows)) == 3
    assert planned("active:neutral", "wait", VALUES, follows) == (Step("active:neutral", "wait", 0.0, 0),)


def test_x2_a_plan_ends_with_the_journey() -> None:
    ended = counted((led("new:neutral", "wait", "declined:negative", 1, (), terminal=True),))

    (only,) = planned("new:neutral", "wait", VALUES, lambda state, action: ended.get((state, action), ()))

    assert (only.leads_to, only.share) == ("declined:negative", 1.0)
