"""Destroying keys: whose go, who is barred, and that every process lets go of them at once."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from projections.connections import in_schema
from projections.erasures import Erasures
from runtime import key_table
from runtime.errors import NotReady
from runtime.keys import Erased, Keys, child, guardian, household
from runtime.retention import Retention
from runtime.settings import Settings

HOME, MOTHER, FATHER = household("lead-ada"), guardian("lead-ada", "g1"), guardian("lead-ada", "g2")
CHILD, NEIGHBOUR = child("lead-ada", "c1"), household("lead-adam")
PATIENCE = 10.0


@pytest.fixture
def keys(keyed: Settings) -> Iterator[Keys]:
    made = Keys(keyed)
    for subject in (HOME, MOTHER, FATHER, CHILD, NEIGHBOUR):
        made.of(subject)
    assert made.hears(PATIENCE)
    yield made
    made.close()


def destroy(settings: Settings, subject: str) -> list[key_table.Destroyed]:
    assert settings.postgres
    dsn = in_schema(settings.postgres.get_secret_value(), settings.schema_name)
    with psycopg.connect(dsn) as database:
        return key_table.destroy(database, subject, datetime.now(UTC))


def becomes(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while not true() and time.monotonic() < until:
        time.sleep(0.02)
    return true()


def test_one_person_goes_and_nobody_else(keys: Keys, keyed: Settings) -> None:
    gone = keys.of(FATHER)

    (told,) = destroy(keyed, FATHER)

    assert (told.subject, told.key_id) == (FATHER, gone.key_id)
    assert becomes(lambda: keys.held(FATHER) is None)
    assert keys.by_id(gone.key_id) is None
    with pytest.raises(Erased):
        keys.of(FATHER)
    for other in (HOME, MOTHER, CHILD, NEIGHBOUR):
        assert keys.by_id(keys.of(other).key_id) is not None


def test_a_household_goes_with_everybody_of_it_and_whoever_might_come(keys: Keys, keyed: Settings) -> None:
    told = destroy(keyed, HOME)

    assert {one.subject for one in told} == {HOME, MOTHER, FATHER, CHILD}
    assert becomes(lambda: keys.held(MOTHER) is None)
    for subject in (HOME, MOTHER, FATHER, CHILD, guardian("lead-ada", "g3"), child("lead-ada", "c2")):
        with pytest.raises(Erased):
            keys.of(subject)
    assert keys.of(NEIGHBOUR).key_id


def test_doing_it_again_destroys_nothing_more_and_bars_as_before(keys: Keys, keyed: Settings) -> None:
    destroy(keyed, HOME)
    assert destroy(keyed, HOME) == []
    with pytest.raises(Erased):
        keys.of(guardian("lead-ada", "g9"))


def test_whoever_never_had_a_key_is_barred_as_well(keys: Keys, keyed: Settings) -> None:
    assert destroy(keyed, guardian("lead-new", "g1")) == []
    with pytest.raises(Erased):
        keys.of(guardian("lead-new", "g1"))
    assert keys.of(household("lead-new")).key_id


def test_a_key_that_is_being_made_meanwhile_waits_and_then_is_not_made(keys: Keys, keyed: Settings) -> None:
    """Whoever asks while a household is destroyed must not leave a key behind."""
    assert keyed.postgres
    dsn = in_schema(keyed.postgres.get_secret_value(), keyed.schema_name)
    ended: list[object] = []

    def ask() -> None:
        other = Keys(keyed)
        try:
            ended.append(other.of(guardian("lead-ada", "g7")))
        except (Erased, NotReady) as refused:
            ended.append(refused)
        finally:
            other.close()

    with psycopg.connect(dsn) as database:
        key_table.destroy(database, HOME, datetime.now(UTC))
        asking = threading.Thread(target=ask)
        asking.start()
        time.sleep(0.5)
        assert ended == []
    asking.join(PATIENCE)
    assert isinstance(ended[0], Erased)
    with pytest.raises(Erased):
        keys.of(guardian("lead-ada", "g7"))


DATED = f"{MOTHER}@interaction.2026-01"


def test_a_months_key_goes_in_its_time_and_with_its_person(keys: Keys, keyed: Settings) -> None:
    assert keyed.postgres
    month, other = keys.of(DATED), keys.of(f"{FATHER}@interaction.2026-03")
    year = Retention({"interaction": 30})
    now = datetime(2026, 3, 15, tzinfo=UTC)
    dsn = in_schema(keyed.postgres.get_secret_value(), keyed.schema_name)

    with psycopg.connect(dsn, autocommit=True) as database:
        assert Erasures(timedelta(days=30), year, lambda: now).expire(database) == 1

    assert becomes(lambda: keys.held(DATED) is None)
    assert keys.by_id(month.key_id) is None
    assert keys.by_id(other.key_id) is not None
    assert keys.of(MOTHER).key_id, "who it was is still known"
    assert {one.subject for one in destroy(keyed, FATHER)} == {FATHER, f"{FATHER}@interaction.2026-03"}
    with pytest.raises(Erased):
        keys.of(f"{FATHER}@interaction.2026-04")


def test_what_was_destroyed_while_nobody_listened_is_forgotten_when_somebody_does(
    keys: Keys, keyed: Settings
) -> None:
    """The listening connection is ended by its server; what happens meanwhile is not heard."""
    assert keyed.postgres
    with psycopg.connect(keyed.postgres.get_secret_value(), autocommit=True) as database:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
        database.execute(ended)
    destroy(keyed, MOTHER)
    assert becomes(lambda: keys.held(MOTHER) is None)
    with pytest.raises(Erased):
        keys.of(MOTHER)
