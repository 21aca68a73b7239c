"""Rows wait for their marker: half a commit is shown to nobody, and a broken chain is noticed."""

from dataclasses import replace

import pytest

from decider.tables import POLICIES, Q_TABLE
from domain.q_learning import Marker, Row, Values
from runtime.global_table import Staging
from tests import given

Table = Staging[dict[str, Values]]


def row(q: float = 0.0, version: int = 0) -> Row:
    return Row(q=q, visits=1, pseudo_visits=0, reward_sum=0.0, version=version)


def marker(version: int, previous: int, rows: int) -> Marker:
    return Marker(version, previous, rows, 0.1, 0.9)


def commit(staging: Table, q: float, version: int, previous: int, *, strict: bool = True) -> None:
    staging.add("t|new|wait", row(q, version), strict=strict)
    staging.add("t", marker(version, previous, 1), strict=strict)


@pytest.fixture
def staging() -> Table:
    return Staging(Q_TABLE)


def test_rows_are_shown_at_their_marker_and_not_before(staging: Table) -> None:
    commit(staging, 0.5, 0, -1)
    before = staging.view

    staging.add("t|new|wait", row(0.7, 1), strict=True)
    staging.add("t|new|stop", row(0.2, 1), strict=True)
    assert staging.view is before
    assert staging.versions == {"t": 0}

    staging.add("t", marker(1, 0, 2), strict=True)
    assert [found.q for _state, _action, found in staging.view["t"]] == [0.7, 0.2]
    assert (staging.versions, staging.broken) == ({"t": 1}, False)
    assert before["t"].row("new", "wait").q == 0.5, "a view that was handed out never changes"


def test_a_whole_chain_is_whole(staging: Table) -> None:
    for version in range(5):
        commit(staging, version / 10, version * 2, version * 2 - 2 if version else -1)

    assert not staging.broken
    assert staging.view["t"].version == 8


@pytest.mark.parametrize(("version", "previous", "rows"), [(5, 4, 1), (5, -1, 1), (5, 0, 2), (5, 0, 0)])
def test_a_gap_or_a_wrong_count_is_noticed(staging: Table, version: int, previous: int, rows: int) -> None:
    commit(staging, 0.5, 0, -1)

    staging.add("t|new|wait", row(0.7, version), strict=True)
    staging.add("t", marker(version, previous, rows), strict=True)

    assert staging.broken


def test_what_compaction_left_is_taken_as_it_is_before_serving(staging: Table) -> None:
    staging.add("t|new|wait", row(0.5, 3), strict=False)
    commit(staging, 0.7, 9, 8, strict=False)

    assert not staging.broken
    commit(staging, 0.9, 10, 9)
    assert not staging.broken
    assert staging.view["t"].row("new", "wait").q == 0.9


def test_rows_of_two_tables_that_arrive_mixed_stay_apart(staging: Table) -> None:
    staging.add("t|new|wait", row(0.5), strict=True)
    staging.add("u|new|wait", row(0.9), strict=True)
    staging.add("t", marker(0, -1, 1), strict=True)
    staging.add("u", marker(0, -1, 1), strict=True)

    assert not staging.broken
    assert staging.view["t"].row("new", "wait").q == 0.5
    assert staging.view["u"].row("new", "wait").q == 0.9


def test_without_a_chain_every_record_is_a_commit() -> None:
    staging = Staging(POLICIES)
    newer = replace(given.PARAMETERS, version=2)

    staging.add("parameters", given.PARAMETERS, strict=True)
    staging.add("parameters", newer, strict=True)

    assert staging.view.current == newer
    assert not staging.broken
