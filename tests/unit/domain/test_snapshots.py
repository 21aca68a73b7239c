"""Promoted mode: a frozen table decides greedily, without a bonus; arms may decide from it or from another (P1, P4)."""

from dataclasses import replace
from typing import Any

import pytest

from domain.actions import ACTIONS
from domain.experiments import assigned
from domain.parameters import Arm, Experiment, Exploration
from domain.policies import Learned, Selection, Situation, UnknownPolicy, select
from domain.q_learning import Row, Values
from domain.snapshots import Snapshot, SnapshotRow, frozen, taken
from domain.states import Lead
from domain.vocabulary import Bucket
from tests import given
from tests.answers import on_lead

STATE = "new:neutral"
ROWS = {
    "info_send": Row(0.5, 400, 0, 12.0, 70),
    "gentle_nudge": Row(0.9, 1, 0, 0.9, 71),
    "wait": Row(0.1, 0, 0, 0.0, -1),
}
VALUES = Values("default", 71, 0.1, 0.9, {STATE: ROWS})
PROMOTED = replace(given.PARAMETERS, mode="promoted", policy_id="champion", champion=1)
SNAPSHOTS = {1: frozen(taken(VALUES, 1, given.NOON, 0.5))}


def chosen(known: Values, snapshots: dict[int, Values], lead: str = "fam-1", **changes: Any) -> Selection:
    learned = Learned(known, replace(PROMOTED, **changes), snapshots)
    return select(Situation(Lead(lead), Bucket.NEUTRAL, "d-1", dict.fromkeys(ACTIONS)), learned)


def test_p1_a_snapshot_lowers_each_value_by_what_is_not_known_of_it() -> None:
    snapshot = taken(VALUES, 3, given.NOON, 0.5)

    assert (snapshot.version, snapshot.table_id, snapshot.table_version) == (3, "default", 71)
    assert snapshot.rows == (
        SnapshotRow(STATE, "gentle_nudge", 0.9 - 0.5, 1, 0),
        SnapshotRow(STATE, "info_send", 0.5 - 0.5 / 20, 400, 0),
        SnapshotRow(STATE, "wait", 0.1, 0, 0),
    )


def test_p1_promoted_is_greedy_by_the_snapshot_whatever_was_learned_since() -> None:
    since = Values("default", 99, 0.1, 0.9, {STATE: {"gentle_nudge": Row(9.0, 500, 0, 900.0, 99)}})

    found = chosen(since, SNAPSHOTS)

    assert (found.action, found.policy_id, found.basis.snapshot) == ("info_send", "champion", 1)
    assert found.basis.values.version == 71
    assert {one.bonus for one in found.actions} == {0.0}
    assert {one.action: one.probability for one in found.actions if one.probability} == {"info_send": 1.0}


def test_p1_promoted_explores_by_the_draw_alone() -> None:
    drawn = [
        select(
            Situation(Lead("fam-1"), Bucket.NEUTRAL, f"d-{number}", dict.fromkeys(ACTIONS)),
            Learned(VALUES, replace(PROMOTED, exploration=Exploration(rate=0.5)), SNAPSHOTS),
        )
        for number in range(60)
    ]

    assert 10 < sum(one.explored for one in drawn) < 50
    assert all(one.action == "info_send" for one in drawn if not one.explored)


def test_p5_the_floor_holds_for_a_snapshot_too() -> None:
    assert chosen(VALUES, SNAPSHOTS, floor_visits=500).policy_id == "rules"
    assert chosen(VALUES, SNAPSHOTS, floor_visits=401).policy_id == "champion"


def test_p4_an_arm_decides_from_the_champion_or_from_a_candidate_while_others_stay_live() -> None:
    other = frozen(Snapshot(2, given.NOON, "default", 80, 0.0, (SnapshotRow(STATE, "wait", 1.0, 9, 0),)))
    trial = Experiment("trial", "salt", (Arm("ucb", 1.0), Arm("champion", 1.0), Arm("snapshot:2", 2.0)))
    changes: dict[str, Any] = {"mode": "live", "policy_id": "ucb", "experiment": trial}
    by_arm = {}
    for number in range(40):
        lead = f"fam-{number}"
        by_arm[assigned(trial, lead).policy_id] = chosen(VALUES, {**SNAPSHOTS, 2: other}, lead, **changes)

    assert {arm: (one.action, one.basis.snapshot) for arm, one in by_arm.items()} == {
        "ucb": ("gentle_nudge", None),
        "champion": ("info_send", 1),
        "snapshot:2": ("wait", 2),
    }
    assert by_arm["snapshot:2"].arm.weight == 0.5


@pytest.mark.parametrize("policy_id", ["champion", "snapshot:9", "snapshot:", "greedy"])
def test_p4_an_arm_that_names_nothing_is_refused(policy_id: str) -> None:
    with pytest.raises(UnknownPolicy, match="`academy policy list` shows those there are"):
        chosen(VALUES, {}, policy_id=policy_id)


def test_p1_the_record_says_which_snapshot_decided_and_up_to_where_it_had_learned() -> None:
    learned = Learned(given.seeded(), PROMOTED, SNAPSHOTS)

    decision = on_lead(None, given.lead(), given.NOON, learned).decision

    assert (decision.mode, decision.arm, decision.policy_version) == ("promoted", "champion", 1)
    assert (decision.table_id, decision.table_version) == ("default", 71)
