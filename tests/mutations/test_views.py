"""The compare-and-set broken: a frozen owner of the views comes back with a backlog, after another has gone on."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from projections.migrate import upgrade
from runtime.global_table import end_offsets
from runtime.settings import Settings
from tests.broker import eventually
from tests.integration.runtime.loops import Process, environment, projecting
from tests.integration.runtime.views import VIEWS, Sight, log, recomputed, stories
from tests.mutations.conftest import Trial

MUTATION = "positions_move_without_comparing"
CALLS = 400
"""Several SQL transactions, and more than is read at once."""
FIRST_SECONDS = 45.0
GIVING_WAY_SECONDS = 8.0


@contextmanager
def owner(settings: Settings, folder: Path, *, broken: bool) -> Iterator[tuple[Process, Path]]:
    """A copy that freezes with a batch in its hand, and the proof of it."""
    proof, mutation = folder / "frozen", [MUTATION] if broken else []
    command = (sys.executable, "-m", "tests.mutations.frozen", str(proof), *mutation)
    with (
        (folder / "owner.log").open("wb") as file,
        subprocess.Popen(
            command, env=environment(settings), stdout=file, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            yield process, proof
        finally:
            process.kill()


def short_of(settings: Settings, sight: Sight) -> dict[str, int]:
    """By place, how many records the stored position is short of the end."""
    topics = sorted({topic for view in VIEWS for topic in view.rows})
    short = {}
    for topic in topics:
        for number, end in end_offsets(settings, settings.topic(topic)).items():
            left = end - (sight.position(topic, number) or 0)
            if left:
                short[f"{topic}/{number}"] = left
    return short


def set_back(settings: Settings, sight: Sight, process: Process) -> dict[str, int]:
    """Positions that move backwards before the process ends, or in a while."""
    until = time.monotonic() + GIVING_WAY_SECONDS
    while time.monotonic() < until and process.poll() is None:
        if short := short_of(settings, sight):
            return short
    return short_of(settings, sight)


def test_a_frozen_owner_of_the_views_comes_back(settings: Settings, tmp_path: Path, trial: Trial) -> None:
    assert settings.postgres is not None
    upgrade(settings.postgres.get_secret_value(), settings.schema_name)
    sight = Sight(settings)
    log(settings, stories(CALLS))
    wanted = recomputed(settings)
    with (
        trial.of(
            "of the views",
            MUTATION,
            "a frozen owner comes back with a backlog after another has gone on",
            "I6",
        ),
        owner(settings, tmp_path, broken=trial.broken) as (frozen, proof),
    ):
        eventually(proof.exists, "the owner freezes", FIRST_SECONDS)
        with projecting(settings.model_copy(update={"slot": 1}), VIEWS, None):
            eventually(lambda: not short_of(settings, sight), "another owner reads on", FIRST_SECONDS)
            frozen.send_signal(signal.SIGCONT)
            short = set_back(settings, sight, frozen)
            assert not short, f"I6: positions were set back by {short}, with older rows"
            assert frozen.wait(GIVING_WAY_SECONDS) != 0, "it is told that another has moved on"
            assert sight.equals(wanted), "I6: the views are not the fold of the log"
