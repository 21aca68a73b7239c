"""Exactly once: a processor that is stopped, started and killed answers every input once, in order."""

import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from extractor.service import build
from runtime import processor
from runtime.errors import NotReady
from runtime.settings import Settings
from schemas.codec import encode
from schemas.sealed import Key
from tests import given
from tests.broker import eventually, write
from tests.integration.runtime.answers import Feed, answered, asked, assert_each_answered_once_in_order, count
from tests.integration.runtime.loops import processing, service
from tests.keyring import MemoryKeys


def test_stopped_and_started_under_load_it_answers_each_input_once(settings: Settings) -> None:
    feed, seen = Feed(settings), 0
    for _round in range(3):
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


class Away(MemoryKeys):
    """A keyring that nobody answers for."""

    def by_id(self, key_id: str) -> Key | None:
        raise NotReady("Postgres does not answer")


def test_asked_to_stop_while_something_is_away_it_stops_and_leaves_the_record(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processor, "PATIENCE_SECONDS", 6.0)
    event = given.recorded(transcript=given.WORDS)
    with processing(settings, build(Away())) as loop:
        write(settings, "interactions", (b"fam-1", encode("interactions", event)))
        eventually(lambda: not loop.health.readiness.ready, "it says so")
        begun = time.monotonic()
        loop.stop()
        assert time.monotonic() - begun < 5
    with processing(settings):
        assert_each_answered_once_in_order(settings)


def test_asked_to_stop_before_kafka_answers_it_exits_at_once(settings: Settings, tmp_path: Path) -> None:
    away, output = settings.model_copy(update={"kafka": "127.0.0.1:9"}), tmp_path / "output.txt"
    with service("learner", away, output) as process:
        eventually(lambda: "kafka_away" in output.read_text(), "it waits")
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
