"""E4: the provider goes away for some seconds under load; `python -m tests.bench.outage` does it for two minutes."""

import logging

import pytest

from extractor.openai_model import Patience
from runtime.settings import Settings
from tests.provider.experiment import KEY, WORDS, Outage, run


def test_e4_an_outage_loses_nothing_and_stops_no_decision(
    configured: Settings, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    patience = Patience(seconds=2.0, try_seconds=1.0, tries=2, first_pause=0.05)
    outage = Outage(2.0, 4.0, 4.0, rate=20.0, latency=0.05, rest_seconds=1.0, patience=patience)

    found = run(configured, outage)

    before, away, back = found.phases.values()
    assert (found.lost, found.wrong) == (0, [])
    assert min(before.told, away.told, back.told) > 10
    assert before.read > 0
    assert away.fallbacks.keys() >= {"unreached", "no_reply"}, "the breaker opened"
    assert away.decided == away.told
    assert back.read > 0, "the breaker closed"
    assert found.asked < before.told + back.told + away.told
    told = capsys.readouterr()
    logged = told.out + told.err + caplog.text
    assert "asking_rests" in logged
    assert [each for each in (WORDS, WORDS[:20], KEY, "fam-1") if each in logged] == []
