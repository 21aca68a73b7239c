"""`academy policy` over a real broker: versions follow each other, a snapshot is taken and decides (P1)."""

from dataclasses import replace

import pytest

from decider.tables import CURRENT
from domain.parameters import Parameters
from infra.policies import Unusable, change, checked, in_force, live, promoted, read, take_and_activate
from learner.service import build as build_learner
from runtime.settings import Settings
from schemas.codec import decode, encode
from tests import broker, given
from tests.broker import eventually, write
from tests.integration.runtime.loops import processing


def cautious(parameters: Parameters) -> Parameters:
    return replace(parameters, contacts_per_week=2)


def keys(settings: Settings) -> list[str]:
    return [(message.key or b"").decode() for message in broker.read(settings, "policies")]


def test_a_change_is_the_next_version_and_the_one_before_stays(configured: Settings) -> None:
    before = in_force(read(configured))

    tried = checked(configured, cautious)
    after = change(configured, cautious)

    assert (before.version, tried.version, after.version) == (1, 2, 2)
    assert in_force(read(configured)) == after
    assert after.recorded_at > before.recorded_at
    assert keys(configured) == [CURRENT, f"{CURRENT}|1", CURRENT, f"{CURRENT}|2"]
    with pytest.raises(Unusable, match="these parameters are in force already"):
        change(configured, cautious)


def test_what_may_not_be_in_force_is_refused_and_nothing_is_written(configured: Settings) -> None:
    before = keys(configured)

    with pytest.raises(Unusable, match="contacts_per_day must be 1 or more"):
        change(configured, lambda parameters: replace(parameters, contacts_per_day=0))
    with pytest.raises(Unusable, match="champion names no snapshot"):
        change(configured, lambda parameters: promoted(parameters, 7))

    assert keys(configured) == before


def test_p1_a_snapshot_of_what_was_learned_decides_until_live_is_back(configured: Settings) -> None:
    with processing(configured, build_learner()):
        eventually(lambda: broker.read(configured, "q-table"), "the seeded table")
        with pytest.raises(Unusable, match="has learned from nothing yet"):
            take_and_activate(configured, 0.5)
        taught = given.taught("new:neutral", "info_send", 0.5)
        write(configured, "transitions", (b"default", encode("transitions", taught)))
        eventually(lambda: _visits(configured), "the transition is learned")

    after = take_and_activate(configured, 0.5)
    found = read(configured)
    back = change(configured, live)

    assert (after.mode, after.policy_id, after.champion) == ("promoted", "champion", 1)
    assert found.snapshots[1].row("new:neutral", "info_send").visits == 1
    assert (back.version, back.mode, back.policy_id, back.champion) == (3, "live", "ucb", 1)
    assert in_force(read(configured)) == back


def _visits(settings: Settings) -> bool:
    rows = (decode("q-table", message.value or b"") for message in broker.read(settings, "q-table"))
    return any(getattr(row, "visits", 0) for row in rows)
