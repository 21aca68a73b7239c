"""A run: paired luck, legal contacts, operators, and a table that learns what works."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from random import Random

import pytest

from analysis.simulation.built_in import ABOUT, BUILT_IN, is_by_the_book
from analysis.simulation.contenders import BASELINE, CONTENDERS, TUNED, Contender
from analysis.simulation.households import Outcome
from analysis.simulation.run import play
from analysis.simulation.worlds import (
    FOLLOW,
    IGNORE,
    REJECT,
    Family,
    Happening,
    Outreach,
    Recorded,
    Said,
    Seen,
    World,
)
from domain.actions import ACTIONS
from tests.given import NOON

_, SEED, DEFAULT = CONTENDERS
PARAMETERS = SEED.parameters(NOON, "x")


class Recording(World):
    """Remembers what it was asked; families who answer now and then, and say nothing that matters."""

    days = 40
    answers: Sequence[Happening] = ()

    def __init__(self) -> None:
        self.families: list[Family] = []
        self.contacts: dict[str, list[Outreach]] = defaultdict(list)
        self.luck: dict[tuple[str, int], float] = {}
        self.seen: dict[str, list[Seen]] = defaultdict(list)

    def family(self, number: int, luck: Random) -> Family:
        self.families.append(Family(f"kind-{number}", luck.uniform(0, 20)))
        return self.families[-1]

    def response(self, family: Family, outreach: Outreach, luck: Random) -> Sequence[Happening]:
        self.contacts[family.kind].append(outreach)
        self.luck[family.kind, len(self.contacts[family.kind])] = luck.random()
        return self.answers

    def daily(self, family: Family, seen: Seen, luck: Random) -> Sequence[Happening]:
        self.seen[family.kind].append(seen)
        return ()

    @property
    def actions(self) -> Counter[str]:
        return Counter(each.action for contacts in self.contacts.values() for each in contacts)


class Talking(Recording):
    """Answers with whatever the test is about, at the first contact."""

    def response(self, family: Family, outreach: Outreach, luck: Random) -> Sequence[Happening]:
        super().response(family, outreach, luck)
        return self.answers if len(self.contacts[family.kind]) == 1 else ()


def played(world: World, contender: Contender = DEFAULT, families: int = 6, seed: int = 1) -> Outcome:
    return play(world, contender, seed, families)


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_built_in_world_runs_and_the_same_seed_gives_the_same_figures(name: str) -> None:
    first = played(BUILT_IN[name])

    assert first == played(BUILT_IN[name])
    assert first != played(BUILT_IN[name], seed=2)
    assert first.families == 6
    assert first.contacts > 6
    assert first.enrolled >= first.enrolled_later
    assert name in ABOUT


def test_there_are_worlds_to_tune_in_and_others_to_report_on() -> None:
    uses = Counter(world.tuning for world in BUILT_IN.values())

    assert uses[True] >= 2
    assert uses[False] >= 4
    assert "by_the_book" in BUILT_IN


def test_two_policies_meet_the_same_families_with_the_same_luck() -> None:
    one, other = Recording(), Recording()
    one.answers = other.answers = (Said(intent="considering"),)
    played(one, SEED)
    played(other, BASELINE)

    assert one.families == other.families
    assert one.actions != other.actions, "the policies do differ"
    shared = one.luck.keys() & other.luck.keys()
    assert len(shared) > 20
    assert {key for key in shared if one.luck[key] != other.luck[key]} == set()
    assert len({one.luck[key] for key in shared}) == len(shared), "and no two occasions share theirs"


@pytest.mark.parametrize("contender", CONTENDERS, ids=lambda one: one.name)
def test_every_contact_is_one_that_masks_and_contact_policy_allow(contender: Contender) -> None:
    world = Recording()
    world.answers = (Said(after_hours=30, intent="requesting_info", concern="high", questions=1),)
    played(world, contender)
    contacts = [each for found in world.contacts.values() for each in found]

    assert len(contacts) > 30
    for each in contacts:
        assert each.action in each.open_actions
        assert each.channel in ACTIONS[each.action].channels
        assert PARAMETERS.contact_from_hour <= each.hour < PARAMETERS.contact_until_hour


def test_the_rules_never_explore_and_the_book_world_rewards_just_them() -> None:
    world = Recording()
    world.answers = (Said(intent="considering"),)
    played(world, BASELINE)

    assert all(is_by_the_book(each) for found in world.contacts.values() for each in found)
    assert BASELINE.parameters(NOON, "x").policy_id == "rules"
    other = Recording()
    other.answers = world.answers
    played(other, SEED)
    assert not all(is_by_the_book(each) for found in other.contacts.values() for each in found)


def test_by_the_book_the_rules_lose_nothing_to_a_policy_that_tries_other_things() -> None:
    rules, seed = (played(BUILT_IN["by_the_book"], one, families=20) for one in (BASELINE, SEED))

    assert rules.enrolled > seed.enrolled
    assert rules.declined < seed.declined


@pytest.mark.parametrize("refusal", [Said(intent="declining", sentiment="negative"), Said(opt_out=True)])
def test_who_refuses_is_lost_and_left_alone(refusal: Said) -> None:
    world = Talking()
    world.answers = (refusal,)
    outcome = played(world)

    assert outcome.declined == 6
    assert outcome.contacts == 6
    assert outcome.reward < 0


def test_who_signs_up_is_enrolled_and_who_comes_is_active() -> None:
    world = Talking()
    world.answers = (
        Said(after_hours=5, intent="interested", signed_up=True),
        Recorded("attended", after_hours=48),
    )
    outcome = played(world)

    assert (outcome.enrolled, outcome.active, outcome.declined) == (6, 6, 0)
    assert outcome.enrolled_later == 3


def test_an_answer_comes_when_its_delay_is_over() -> None:
    world = Talking()
    world.answers = (Said(after_hours=24 * 10, intent="scheduling"),)
    played(world, families=1)
    (family,), (first, *_) = world.contacts.keys(), world.contacts["kind-0"]
    moved = next(seen for seen in world.seen[family] if seen.status == "trial")

    assert 10 <= moved.day - first.day <= 11


@pytest.mark.parametrize("does", [FOLLOW, REJECT, IGNORE, "info_send", "wait"])
def test_the_desk_does_as_its_world_says(does: str) -> None:
    class Desk(Recording):
        def operator(self, family: Family, outreach: Outreach, luck: Random) -> str:
            return does if outreach.status == "new" else FOLLOW

    world = Desk()
    outcome = played(world, SEED)

    actions = set(world.actions)
    assert bool(actions) is (does in (FOLLOW, "info_send"))
    assert ("info_send" in actions - {"warm_follow_up"}) or does != "info_send"
    assert outcome.contacts == sum(world.actions.values())
    assert outcome.decisions > 6


def test_a_family_that_never_answers_is_not_called_for_ever() -> None:
    world = Recording()
    outcome = played(world)

    assert outcome.contacts <= 6 * (PARAMETERS.max_attempts + 6)
    assert outcome.enrolled == 0


def test_an_action_that_clearly_wins_is_learned() -> None:
    class Won(Recording):
        days = 45

        def family(self, number: int, luck: Random) -> Family:
            return Family(f"kind-{number}", number * 0.6)

        def response(self, family: Family, outreach: Outreach, luck: Random) -> Sequence[Happening]:
            super().response(family, outreach, luck)
            if outreach.action == "info_send":
                return (Said(after_hours=1, intent="interested", sentiment="positive", signed_up=True),)
            return (Said(intent="unclear"),)

    def share(world: Recording, since: float, until: float) -> float:
        of = [
            each.action == "info_send"
            for found in world.contacts.values()
            for each in found
            if since <= each.day < until and each.status in ("new", "contacted", "interested")
        ]
        return sum(of) / len(of)

    learning, ruled = Won(), Won()
    learned = played(learning, DEFAULT, families=60)
    rules = played(ruled, BASELINE, families=60)

    assert share(learning, 30, 45) > share(learning, 0, 15) + 0.2
    assert abs(share(ruled, 30, 45) - share(ruled, 0, 15)) < 0.1
    assert learned.enrolled_later > rules.enrolled_later


def test_a_contender_has_the_presets_constants_but_for_its_own() -> None:
    tuned = Contender(TUNED, "default", (("ucb_c", 0.3), ("explore_rate", 0.0))).parameters(NOON, "x")

    assert (tuned.ucb_c, tuned.exploration.rate, tuned.floor_visits) == (0.3, 0.0, 20)
    assert DEFAULT.parameters(NOON, "x").exploration.rate == 0.1
    assert SEED.parameters(NOON, "x").ucb_c == 1.0
