"""I5, I10, L1, L3, D7: no restart, commit boundary or order of arrival changes what is decided or counted."""

from collections import Counter
from collections.abc import Set
from random import Random

import pytest
from hypothesis import given as such_that
from hypothesis import settings
from hypothesis import strategies as st

from domain.acts_enriched import AttendanceEnriched, EnrolmentEnriched, PaymentEnriched
from domain.events import InteractionEnriched
from domain.q_learning import NO_VALUES, Values, fold
from domain.records import Decision, Transition
from domain.vocabulary import OptOut, Verdict
from learner.service import build as build_learner
from runtime.shelf import shelf_of
from runtime.state import Partition
from runtime.transform import Message, Record, Transform
from schemas.codec import encode
from tests import given
from tests.answers import on_enrolment, on_interaction, on_lead
from tests.unit.domain.properties.stories import Story, stories
from tests.unit.domain.properties.telling import Telling, told


def bytes_of(telling: Telling) -> list[tuple[str, str, bytes]]:
    """Everything written, as it stands on the topics."""
    return [(each.topic, each.key, encode(each.topic, each.value)) for each in telling.written()]


@settings(max_examples=25)
@such_that(stories(), st.sets(st.integers(0, 23)))
def test_i5_i10_wherever_it_restarts_from_its_changelog_the_decider_writes_the_same_bytes(
    story: Story, cuts: set[int]
) -> None:
    calm, cut = Telling(story), Telling(story)

    def restart(ordinal: int) -> None:
        if ordinal in cuts:
            cut.driver.restart()

    assert bytes_of(cut.all(restart)) == bytes_of(calm.all())


def transitions(story: Story) -> list[Transition]:
    return [transition for each in told(story) for transition in each.transitions]


def folded(taught: list[Transition], cuts: Set[int] = frozenset()) -> tuple[Values, Values]:
    """The learner's table after all, with a commit at each cut: as it is held, and as its changelog restores it."""
    transform: Transform[Values] = build_learner()
    partition, restored = Partition(transform, 0), shelf_of(transform)

    def commit() -> None:
        for emit in partition.changes():
            restored.restore((emit.key or b"").decode(), emit.value, emit.headers)
        partition.fold()

    for offset, event in enumerate([given.TABLE, *taught]):
        data = encode("transitions", event)
        assert partition.take(Message("transitions", 0, offset, b"default", data, [], None))
        if offset in cuts:
            commit()
    commit()
    held, again = partition.get("default"), restored.get("default")
    assert held is not None
    assert again is not None
    return held, again


@settings(max_examples=25)
@such_that(stories(), st.sets(st.integers(0, 30)))
def test_l1_i4_wherever_a_commit_ends_the_learner_holds_and_restores_the_one_fold(
    story: Story, cuts: set[int]
) -> None:
    taught = transitions(story)
    expected = fold(NO_VALUES, given.TABLE, 0)
    for version, transition in enumerate(taught, 1):
        expected = fold(expected, transition, version)

    assert folded(taught, cuts) == folded(taught) == (expected, expected)


@settings(max_examples=25)
@such_that(stories(), st.randoms(use_true_random=False))
def test_l3_d7_whatever_the_order_of_transitions_visits_and_rewards_are_the_same(
    story: Story, chance: Random
) -> None:
    taught = transitions(story)
    shuffled = chance.sample(taught, len(taught))

    expected, other = folded(taught)[0], folded(shuffled)[0]

    visits = Counter((one.from_state, one.action) for one in taught if one.action and one.kind != "late")
    for state, action, row in expected:
        again = other.row(state, action)
        assert row.visits == again.visits == visits[state, action]
        assert row.reward_sum == pytest.approx(again.reward_sum)
        assert row.pseudo_visits == again.pseudo_visits == given.seeded().row(state, action).pseudo_visits
    assert sum(visits.values()) == sum(row.visits for _state, _action, row in other)


@settings(max_examples=25)
@such_that(stories())
def test_l1_pairs_that_do_not_meet_may_be_told_in_any_order(story: Story) -> None:
    """Without the next state's value a row rests on its own transitions alone: their order is all that counts."""
    taught = [one for one in transitions(story) if one.terminal or one.kind == "late" or not one.next_actions]
    by_pair = sorted(taught, key=lambda one: (one.from_state, one.action or ""))

    def values(table: Values) -> dict[tuple[str, str], tuple[float, int, float]]:
        return {(state, action): (row.q, row.visits, row.reward_sum) for state, action, row in table}

    assert values(folded(taught)[0]) == values(folded(by_pair)[0])


BY_TIME = (InteractionEnriched, EnrolmentEnriched, AttendanceEnriched, PaymentEnriched)
"""What is credited by when it took place, not by what it names."""


@settings(max_examples=25)
@such_that(stories())
def test_d7_a_step_is_credited_to_the_decision_in_force_when_it_took_place(story: Story) -> None:
    made: dict[str, list[Decision]] = {}
    for each in told(story):
        own = made.setdefault(each.decision.lead_id, [])
        value = each.told.value if isinstance(each.told, Record) else None
        if isinstance(value, BY_TIME):
            then = next((one for one in reversed(own) if one.decided_at <= value.occurred_at), None)
            taught = then if then and not then.override and then.action != "stop" else None
            credited = [one.decision_id for one in each.transitions if one.hops]
            assert credited in ([], [taught.decision_id if taught else None])
        if each.decision.verdict is Verdict.DECISION:
            own.append(each.decision)


LEARNED = given.learned()
OUTCOMES = st.lists(
    st.tuples(st.sampled_from(["text", "refusal", "enrolment"]), st.integers(0, 143)),
    min_size=2,
    max_size=5,
    unique_by=lambda outcome: outcome[0],
)
"""Each with the hour in which it took place, all before the last decision and told long after."""


def heard(outcomes: list[tuple[str, int]]) -> list[Transition]:
    """What late outcomes teach that arrive in this order, days after four decisions at two days' distance."""
    lead = on_lead(None, given.lead(), given.NOON, LEARNED).lead
    for day in (2, 4, 6):
        lead = on_interaction(
            lead, given.text(given.later(days=day), day), given.later(days=day), LEARNED
        ).lead
    taught: list[Transition] = []
    for hours, (what, then) in enumerate(outcomes):
        now, at = given.later(days=8, hours=hours), given.later(hours=then)
        if what == "enrolment":
            answer = on_enrolment(lead, given.enrolment(at, 90), now, LEARNED)
        else:
            verdict = OptOut.YES if what == "refusal" else OptOut.NO
            event = given.text(at, 80 + (what == "refusal"), opt_out=verdict)
            answer = on_interaction(lead, event, now, LEARNED)
        lead, taught = answer.lead, [*taught, *answer.transitions]
    return taught


@settings(max_examples=100)
@such_that(OUTCOMES.flatmap(lambda told: st.tuples(st.just(told), st.permutations(told))))
def test_d7_in_whatever_order_late_outcomes_arrive_each_credits_the_decision_of_its_time_and_counts_no_visit(
    orders: tuple[list[tuple[str, int]], list[tuple[str, int]]],
) -> None:
    late, again = ([one for one in heard(order) if one.kind == "late"] for order in orders)

    assert Counter((one.decision_id, one.reward) for one in late) == Counter(
        (one.decision_id, one.reward) for one in again
    )
    assert len(late) == sum(what != "text" for what, _hour in orders[0])
    before = given.seeded()
    for one in late:
        assert one.action is not None
        after = fold(before, one, 9)
        assert after.row(one.from_state, one.action).visits == before.row(one.from_state, one.action).visits
