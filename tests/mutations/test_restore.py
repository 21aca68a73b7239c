"""Rule 9 broken: a restore that does not wait for open transactions, and one that does not wait for tables."""

from collections.abc import Callable

from domain.q_learning import Marker
from domain.vocabulary import Verdict
from learner.service import build as build_learner
from runtime.settings import Settings
from schemas.codec import encode
from schemas.position import Position
from schemas.topics import POSITION_KEY
from tests import given
from tests.broker import events, eventually, write
from tests.integration.runtime.loops import processing
from tests.integration.runtime.test_restore import NEGATIVE_SECONDS, answer, deciding, markers, orphan
from tests.mutations.conftest import Trial

AHEAD = 5
"""Versions of the table that the state has seen and the table has not."""

BEGUN = ("1 partitions", "2 partitions")


def too_early(found: Callable[[], object], what: str) -> bool:
    """Whether it happens within a while in which it must not."""
    try:
        return bool(eventually(found, what, NEGATIVE_SECONDS))
    except AssertionError:
        return False


def test_9_a_copy_starts_behind_an_open_transaction(settings: Settings, trial: Trial) -> None:
    with (
        trial.of(
            "9",
            "open_transactions_are_not_waited_for",
            "a copy starts behind another's open transaction on its changelog",
            "a known input is answered anew",
        ),
        orphan(settings) as producer,
        processing(settings, partitions=None) as loop,
    ):
        early = too_early(lambda: loop.serves(2), "serving")
        producer.commit_transaction(10)
        loop.await_partitions(2)
        verdict = getattr(answer(settings), "verdict", None)
        assert verdict is Verdict.DUPLICATE, f"I5: a known input is answered anew, served early: {early}"


def test_9_a_partition_has_used_a_newer_table(configured: Settings, trial: Trial) -> None:
    with trial.of(
        "9",
        "tables_are_not_waited_for",
        "a partition starts whose state has used a newer table",
        "I9",
    ):
        with processing(configured, build_learner()):
            ((partition, marker),) = eventually(lambda: markers(configured), "the seeded table")
        ahead = Position(given.NOON, given.NOON, 0, {"default": marker.version + AHEAD})
        write(configured, "leads", (POSITION_KEY.encode(), encode("leads", ahead)), partition=0)
        write(configured, "enriched", (b"fam-1", encode("enriched", given.lead())), partition=0)
        with deciding(configured, None) as loop:
            eventually(lambda: loop.health.readiness.detail in BEGUN, "a partition starts")
            early = too_early(lambda: events(configured, "decisions"), "a decision")
            newer = Marker(marker.version + AHEAD, marker.version, 0, marker.alpha, marker.gamma)
            write(configured, "q-table", (b"default", encode("q-table", newer)), partition=partition)
            loop.await_partitions(2)
            (decision,) = eventually(lambda: events(configured, "decisions"), "the decision")
            used = decision.value.table_version
            assert used == newer.version, (
                f"I9: version {used} of the table after {newer.version}, early: {early}"
            )
