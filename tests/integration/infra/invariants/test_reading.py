"""The command's reading against a real broker: one picture of the topics, with what is dead and what is not due."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import LiteralString

import psycopg
import pytest

from decider.service import build as build_decider
from decider.tables import POLICIES, Q_TABLE, learned
from extractor.service import build as build_extractor
from infra.cli.check import check_invariants
from infra.invariants.catalogue import check
from infra.invariants.history import History, Projection
from infra.invariants.reading import read
from infra.invariants.stable import hanging
from infra.invariants.views import TABLES
from infra.local.settings import LocalSettings
from learner.service import build as build_learner
from projections.connections import in_schema
from projections.migrate import upgrade
from projections.service import build as build_views
from runtime import clients
from runtime.global_table import GlobalTable
from runtime.settings import Settings
from schemas.codec import encode
from schemas.topics import TOPICS
from tests import given
from tests.broker import eventually, running, send, write
from tests.integration.runtime.loops import projecting
from tests.keyring import MemoryKeys

CALLS = 8
ANSWERED = CALLS + 1
VIEWED = sum(
    TOPICS[topic].partitions(2) for topic in {topic for view in build_views() for topic in view.rows}
)


@contextmanager
def services(settings: Settings) -> Iterator[None]:
    """The whole flow, until the context ends."""
    upgrade(dsn(settings), settings.schema_name)
    values, policies = GlobalTable(Q_TABLE, settings), GlobalTable(POLICIES, settings)
    decider = build_decider(lambda: learned(values.view, policies.view))
    with (
        running(build_learner(), settings),
        running(build_extractor(MemoryKeys()), settings),
        running(decider, settings, (values, policies)),
        projecting(settings, build_views(), VIEWED),
    ):
        yield


def dsn(settings: Settings) -> str:
    assert settings.postgres is not None
    return settings.postgres.get_secret_value()


def changed(settings: Settings, statement: LiteralString) -> None:
    """The database, changed by hand."""
    with psycopg.connect(in_schema(dsn(settings), settings.schema_name)) as database:
        assert database.execute(statement).rowcount == 1


@pytest.fixture
def answered(configured: Settings) -> Settings:
    """A family's record, its calls and one record of bad bytes, all handled; one more call after the end."""
    calls = [given.recorded(given.later(hours=hour), hour) for hour in range(1, CALLS + 1)]
    with services(configured):
        send(configured, "interactions", "fam-1", given.recorded_lead(), *calls)
        write(configured, "interactions", (b"fam-1", b"nonsense"))
        eventually(lambda: at_rest(read(configured)), "the answers")
    send(configured, "interactions", "fam-1", given.recorded(given.later(days=3), 99))
    return configured


def at_rest(history: History) -> bool:
    assert isinstance(history.projection, Projection)
    return bool(history.of("decisions")) and not history.waiting and not history.projection.waiting


def violations(history: History) -> list[str]:
    return [violation.what for result in check(history) for violation in result.violations]


def test_everything_holds_with_a_dead_letter_and_one_input_that_is_not_due(answered: Settings) -> None:
    history = read(answered)

    assert violations(history) == []
    assert len(history.of("decisions")) == ANSWERED
    assert history.waiting == 1
    assert isinstance(history.projection, Projection)
    read_nothing = {"readings", "erasures"}  # of these calls none had a word, and nobody was forgotten
    assert {name for name, _key in history.projection.held} == TABLES.keys() - read_nothing
    assert sum(history.dead.values()) == 1
    assert [entry.value for entry in history.of("interactions")].count(None) == 1


def test_the_command_says_so_and_tells_a_lost_input(
    answered: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = LocalSettings.model_validate(answered.model_dump())

    assert check_invariants(settings, None, as_json=True) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["holds"], facts["not_yet"], len(facts["invariants"])) == (True, 1, 10)
    assert {one["invariant"] for one in facts["invariants"] if one["not_checked"]} == {"I8"}

    orphan = given.contact(cause_event_id="never-written", root_offset=1_000)
    write(answered, "enriched", (b"fam-1", encode("enriched", orphan)))

    assert check_invariants(settings, None, as_json=False) == 1
    said = capsys.readouterr().out
    assert "I7 enriched/" in said
    assert "no record on interactions has its root offset 1000" in said


def test_i6_tells_a_view_that_is_not_what_the_log_says(answered: Settings) -> None:
    changed(answered, "UPDATE leads SET status = 'active' WHERE lead_id = 'fam-1'")

    assert violations(read(answered)) == ["status is not what the log says"]


def test_i6_tells_a_position_that_is_ahead_of_its_rows(answered: Settings) -> None:
    changed(
        answered,
        "UPDATE positions SET next_offset = next_offset + 2 WHERE (topic, partition) ="
        " (SELECT 'interactions', partition FROM interactions ORDER BY root_offset DESC LIMIT 1)",
    )

    assert violations(read(answered)) == ["the row is missing"]


def test_i6_without_a_database_is_left_out_and_says_so(answered: Settings) -> None:
    (six,) = (
        one
        for one in check(read(answered.model_copy(update={"postgres": None})))
        if one.unknown[:8] == "ACADEMY_"
    )

    assert six.invariant.name == "I6"


def test_i8_a_transaction_that_is_left_open_is_told_and_the_rest_is_read(
    answered: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.invariants.reading.hanging", partial(hanging, seconds=1.0))
    producer = clients.transactional(answered.model_copy(update={"slot": 7}), "decider")
    producer.init_transactions(10)
    producer.begin_transaction()
    producer.produce(answered.topic("decisions"), b"never", b"fam-1", 0)
    assert producer.flush(10) == 0
    try:
        (found,) = (one for result in check(read(answered)) for one in result.violations)
    finally:
        producer.abort_transaction(10)
        producer.close()

    assert (found.invariant, found.topic, found.partition) == ("I8", "decisions", 0)
    assert violations(read(answered)) == []


@pytest.mark.parametrize(
    ("damage", "wrong"),
    [
        ("DELETE FROM dead_letters WHERE \"group\" = 'extractor'", "the row is missing"),
        (
            "UPDATE dead_letters SET error = 'Rejected' WHERE \"group\" = 'extractor'",
            "error is not what the log says",
        ),
        (
            "INSERT INTO lead_search VALUES ('fam-9', 'fam-9/g/g1', 0, 'guardians', '{}')",
            "no record that was applied gives this row",
        ),
    ],
)
def test_i6_of_dead_letters_and_search_breaks_in_the_database(
    answered: Settings, damage: LiteralString, wrong: str
) -> None:
    changed(answered, damage)
    assert violations(read(answered)) == [wrong]
