"""The command's reading against a real broker: one picture of the topics, with what is dead and what is not due."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from decider.service import build as build_decider
from decider.tables import POLICIES, Q_TABLE, learned
from extractor.service import build as build_extractor
from infra.cli.check import check_invariants
from infra.invariants.catalogue import check
from infra.invariants.history import History
from infra.invariants.reading import read
from infra.local.settings import LocalSettings
from learner.service import build as build_learner
from runtime.global_table import GlobalTable
from runtime.settings import Settings
from schemas.codec import encode
from tests import given
from tests.broker import eventually, running, send, write
from tests.keyring import MemoryKeys

CALLS = 8
ANSWERED = CALLS + 1


@contextmanager
def services(settings: Settings) -> Iterator[None]:
    """The whole flow, until the context ends."""
    values, policies = GlobalTable(Q_TABLE, settings), GlobalTable(POLICIES, settings)
    decider = build_decider(lambda: learned(values.view, policies.view))
    with (
        running(build_learner(), settings),
        running(build_extractor(MemoryKeys()), settings),
        running(decider, settings, (values, policies)),
    ):
        yield


@pytest.fixture
def answered(configured: Settings) -> Settings:
    """A family's record, its calls and one record of bad bytes, all handled; one more call after the end."""
    calls = [given.recorded(given.later(hours=hour), hour) for hour in range(1, CALLS + 1)]
    with services(configured):
        send(configured, "interactions", "fam-1", given.recorded_lead(), *calls)
        write(configured, "interactions", (b"fam-1", b"nonsense"))
        eventually(lambda: read(configured).waiting == 0 and read(configured).of("decisions"), "the answers")
    send(configured, "interactions", "fam-1", given.recorded(given.later(days=3), 99))
    return configured


def violations(history: History) -> list[str]:
    return [violation.what for result in check(history) for violation in result.violations]


def test_everything_holds_with_a_dead_letter_and_one_input_that_is_not_due(answered: Settings) -> None:
    history = read(answered)

    assert violations(history) == []
    assert len(history.of("decisions")) == ANSWERED
    assert history.waiting == 1
    assert sum(history.dead.values()) == 1
    assert [entry.value for entry in history.of("interactions")].count(None) == 1


def test_the_command_says_so_and_tells_a_lost_input(
    answered: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = LocalSettings.model_validate(answered.model_dump())

    assert check_invariants(settings, None, as_json=True) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["holds"], facts["not_yet"], len(facts["invariants"])) == (True, 1, 7)

    orphan = given.contact(cause_event_id="never-written", root_offset=1_000)
    write(answered, "enriched", (b"fam-1", encode("enriched", orphan)))

    assert check_invariants(settings, None, as_json=False) == 1
    said = capsys.readouterr().out
    assert "I7 enriched/" in said
    assert "no record on interactions has its root offset 1000" in said
