"""Exactly once: a processor that is stopped, started and killed answers every input once, in order."""

import signal
import time
from dataclasses import replace
from pathlib import Path

from extractor.service import build
from runtime.settings import Settings
from tests.broker import eventually
from tests.integration.runtime.answers import Feed, answered, asked, assert_each_answered_once_in_order, count
from tests.integration.runtime.loops import processing, service
from tests.keyring import MemoryKeys


def test_stopped_and_started_under_load_it_answers_each_input_once(settings: Settings) -> None:
    feed, seen = Feed(settings), 0
    for _round in range(4):
        feed.write(700)
        with processing(settings) as loop:
            eventually(lambda: count(settings) > seen, "more answers")  # noqa: B023 - called in this round
            loop.stop()
        seen = count(settings)

    with processing(settings):
        assert_each_answered_once_in_order(settings)


def test_killed_at_work_it_goes_on_where_its_last_commit_ended(settings: Settings, tmp_path: Path) -> None:
    feed = Feed(settings)
    feed.write(200)
    with service("extractor", settings, tmp_path / "output.txt") as process:
        eventually(lambda: count(settings) >= 200, "the service answers")
        feed.write(3000)
        eventually(lambda: count(settings) > 200, "more answers")
        process.send_signal(signal.SIGKILL)
        assert process.wait(10) == -signal.SIGKILL
    assert 200 < count(settings) < 3200, "it died between two commits"

    with processing(settings):
        assert_each_answered_once_in_order(settings)


def test_asked_to_stop_the_service_commits_what_is_finished_and_exits_at_once(
    settings: Settings, tmp_path: Path
) -> None:
    feed = Feed(settings)
    feed.write(200)
    with service("extractor", settings, tmp_path / "output.txt") as process:
        eventually(lambda: count(settings) >= 200, "the service answers")
        feed.write(3000)
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0, (tmp_path / "output.txt").read_text()
        assert time.monotonic() - begun < 5

    inputs = asked(settings)
    for number, found in answered(settings).items():
        assert found == inputs[number][: len(found)]


def test_asked_to_stop_it_commits_what_waits_for_the_interval(settings: Settings) -> None:
    patient = replace(build(MemoryKeys()), commit_seconds=1.5)
    feed = Feed(settings)
    with processing(settings, patient) as loop:
        feed.write(50)
        eventually(lambda: count(settings) == 50, "the first commit comes at once")
        feed.write(1)
        eventually(lambda: loop.handled() == 51, "the last is handled")
        assert count(settings) == 50, "and not committed"

    assert count(settings) == 51
