"""Rule 6 broken: the end of a transaction that the client has sent again comes late, inside the next transaction."""

import time
from pathlib import Path

import pytest

from infra.local.ports import free_ports
from runtime.settings import Settings
from tests.broker import eventually
from tests.faults.own import broker, system
from tests.integration.runtime.answers import Feed, count
from tests.integration.runtime.loops import processing
from tests.mutations.answers import each_is_answered_once
from tests.mutations.conftest import Trial
from tests.mutations.death import Death, Died
from tests.mutations.late import Holding

WRITTEN_SECONDS = 1.0
"""By then the broker has the records of the open transaction."""


def lets_go(proxy: Holding) -> bool:
    """The kept one comes after the records of a later transaction and before its offsets."""
    if not proxy.holds:
        return False
    time.sleep(WRITTEN_SECONDS)
    proxy.let_go()
    return True


def test_6_the_end_of_a_transaction_comes_inside_the_next(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trial: Trial
) -> None:
    (port,) = free_ports(1)
    with broker(tmp_path / "own", advertised=port) as own, Holding(own.port, port) as proxy:
        behind = system(settings, f"127.0.0.1:{port}", settings.group_protocol)
        feed = Feed(behind)
        with trial.of(
            "6",
            "the_producer_stays_after_a_doubt",
            "the end of a transaction comes late, inside the next one, and the copy dies",
            "I2|its state at",
        ):
            with monkeypatch.context() as dying, processing(behind) as loop:
                feed.write(50)
                eventually(lambda: count(behind) == 50, "the first answers")
                proxy.keep()
                feed.write(50)
                eventually(lambda: proxy.holds, "an end is kept")
                eventually(lambda: count(behind) == 100, "its transaction is over")
                Death(dying).at("offsets.before", lambda: lets_go(proxy))
                feed.write(50)
                assert isinstance(loop.ended(), Died)
            with processing(behind):
                each_is_answered_once(behind)
