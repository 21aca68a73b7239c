"""The key table in a real Postgres: one key per subject whoever asks first, and nothing under a wrong master."""

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from runtime import key_table
from runtime.errors import Misconfigured, NotReady
from runtime.keys import Erased, Keys, guardian
from runtime.master import LocalMaster, load_master
from runtime.settings import Settings
from schemas.sealed import seal, unseal


@pytest.fixture
def keys(keyed: Settings) -> Iterator[Keys]:
    made = Keys(keyed)
    yield made
    made.close()


def execute(settings: Settings, statement: str, *given: object) -> list[tuple[object, ...]]:
    assert settings.postgres
    with psycopg.connect(settings.postgres.get_secret_value(), autocommit=True) as database:
        database.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(settings.schema_name)))
        cursor = database.execute(statement.encode(), given)
        return cursor.fetchall() if cursor.description else []


def test_a_key_is_committed_before_it_is_used_and_found_by_others(keys: Keys, keyed: Settings) -> None:
    key = keys.of("lead-ada")
    other = Keys(keyed)
    assert other.of("lead-ada") == key
    assert other.by_id(key.key_id) == key
    assert keys.of(guardian("lead-ada", "g1")) != key
    sealed = seal(key, "e1", "name", "Ada")
    assert unseal(other.of("lead-ada"), "name", sealed) == "Ada"
    other.close()


def test_the_table_never_holds_an_open_key(keys: Keys, keyed: Settings) -> None:
    key = keys.of("lead-ada")
    ((wrapped,),) = execute(keyed, "SELECT wrapped FROM keys")
    assert isinstance(wrapped, bytes)
    assert key.aes not in wrapped


def test_all_who_ask_at_once_get_the_same_key(keyed: Settings) -> None:
    found, together = [], threading.Barrier(8)

    def ask() -> None:
        mine = Keys(keyed)
        mine.of("warm")
        together.wait()
        found.append(mine.of("lead-ada"))
        mine.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({key.aes for key in found}) == 1


def test_a_destroyed_key_is_gone_for_whoever_has_not_got_it(keys: Keys, keyed: Settings) -> None:
    key = keys.of("lead-ada")
    execute(keyed, "UPDATE keys SET wrapped = NULL, destroyed_at = now()")
    fresh = Keys(keyed)
    assert fresh.by_id(key.key_id) is None
    assert fresh.by_id("never-was") is None
    with pytest.raises(Erased, match="destroyed"):
        fresh.of("lead-ada")
    fresh.close()


def test_many_are_had_by_one_question_and_kept(
    keys: Keys, keyed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [keys.of(f"fam-{number}") for number in range(3)]
    execute(keyed, "UPDATE keys SET wrapped = NULL WHERE key_id = %s", made[2].key_id)
    asked: list[list[str]] = []

    def by_ids(database: key_table.Database, key_ids: list[str]) -> list[key_table.Row]:
        asked.append(key_ids)
        return found(database, key_ids)

    found = key_table.by_ids
    monkeypatch.setattr(key_table, "by_ids", by_ids)
    other = Keys(keyed)
    named = [key.key_id for key in made]

    assert other.by_ids(named) == {key.key_id: key for key in made[:2]}
    assert other.by_ids(named[:2]) == {key.key_id: key for key in made[:2]}
    assert asked == [named]
    other.close()


def test_a_broken_connection_is_replaced_once(keys: Keys, keyed: Settings) -> None:
    keys.of("lead-ada")
    connection = keys._connection
    assert connection
    execute(keyed, "SELECT pg_terminate_backend(%s)", connection.info.backend_pid)
    assert keys.of("lead-grace").key_id
    assert keys.reachable()


def test_memory_serves_what_it_holds_and_forgets_the_oldest(keyed: Settings) -> None:
    keys = Keys(keyed, cached=2)
    assert keys.reachable()
    assert keys.hears(10), "before it hears of destroyed keys it keeps none for long"
    for subject in ("a", "b", "c"):
        keys.of(subject)
    assert keys.held("a") is None
    assert keys.held("b")
    assert keys.held("c")
    keys.close()


def test_another_master_key_is_refused_with_both_fingerprints(
    keys: Keys, keyed: Settings, tmp_path: Path
) -> None:
    keys.of("lead-ada")
    assert keyed.master_key_file
    ours, theirs = tmp_path / "other.key", LocalMaster(load_master(keyed.master_key_file))
    other = LocalMaster(load_master(ours, create=True)).fingerprint
    stranger = Keys(keyed.model_copy(update={"master_key_file": ours}))
    for ask in (stranger.reachable, lambda: stranger.of("lead-ada"), lambda: stranger.by_id("x")):
        with pytest.raises(Misconfigured, match="ACADEMY_MASTER_KEY_FILE") as refusal:
            ask()
        assert theirs.fingerprint in str(refusal.value)
        assert other in str(refusal.value)


def test_before_the_migration_it_says_what_to_run(settings: Settings) -> None:
    assert settings.master_key_file
    load_master(settings.master_key_file, create=True)
    with pytest.raises(NotReady, match="academy db migrate"):
        Keys(settings).of("lead-ada")
