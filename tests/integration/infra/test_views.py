"""`academy views`: a view made anew while everything goes on, and whatever ends it leaves the old one."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from infra import view_rebuild
from infra.beside import MARK, Beside
from infra.cli.app import app
from infra.view_rebuild import Rebuilding, Rebuilt, UnknownView, named, rebuild
from projections import erasures
from projections.connections import in_schema
from projections.service import every
from runtime.keys import Keys
from runtime.settings import Settings
from runtime.views import View
from tests import given
from tests.broker import eventually, write
from tests.integration.projections.test_views import COUNTS
from tests.integration.runtime.loops import environment, projecting
from tests.integration.runtime.views import TABLE_TOPICS, Sight, database, log, stories
from tests.unit.projections.household import Ring, Story

CALLS = 30
BAD = b"no frame at all"


@pytest.fixture
def guest(settings: Settings) -> Iterator[Settings]:
    """A migrated schema; the projection runs as a user who has rights on the tables and does not own them."""
    with database(settings) as (found, _door):
        yield found


@pytest.fixture
def keys(settings: Settings, guest: Settings) -> Iterator[Keys]:
    environment(settings)  # makes the master key
    with closing(Keys(settings)) as ring:
        yield ring


@pytest.fixture
def views(settings: Settings, keys: Keys) -> list[View]:
    return every(keys)


@pytest.fixture
def sight(settings: Settings, guest: Settings) -> Sight:
    return Sight(settings)


def anew(settings: Settings, views: list[View], name: str) -> Rebuilt:
    return rebuild(settings, named(views, name), lambda _n, _of: None)


def one_more(settings: Settings) -> None:
    """A household that nobody has heard of yet is called."""
    story = Story(Ring(), "fam-8", partition=1, offset=900)
    story.record()
    story.call(given.later(days=1))
    log(settings, [each for each in story.records if each.topic not in TABLE_TOPICS])


def rows(sight: Sight, view: View) -> list[dict[str, Any]]:
    key = ", ".join(f'"{column.name}"' for column in view.table.primary_key)
    return sight.ask(f'SELECT * FROM "{view.table.name}" ORDER BY {key}')  # noqa: S608 - a table of ours


def shape(sight: Sight) -> list[tuple[Any, ...]]:
    """Tables, columns, indexes, constraints, options, triggers and rights of the schema, by name."""
    asked = (
        """SELECT relname, relkind::text, reloptions::text, relacl::text FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace""",
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()",
        """SELECT conname, contype::text, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = current_schema()::regnamespace""",
        """SELECT attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull,
        attgenerated::text, pg_get_expr(adbin, adrelid), col_description(attrelid, attnum)
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relnamespace = current_schema()::regnamespace AND attnum > 0 AND NOT attisdropped""",
        """SELECT tgrelid::regclass::text, pg_get_triggerdef(pg_trigger.oid) FROM pg_trigger
        JOIN pg_class ON pg_class.oid = tgrelid WHERE relnamespace = current_schema()::regnamespace""",
    )
    return sorted((tuple(map(str, row.values())) for query in asked for row in sight.ask(query)), key=repr)


@contextmanager
def reading(settings: Settings, views: list[View]) -> Iterator[list[int]]:
    """Snapshots of two tables, one after the other, all the time: as many rows in each as it had before."""
    counts: list[int] = []
    failures: list[BaseException] = []
    stopping = threading.Event()
    assert settings.postgres is not None
    dsn = in_schema(settings.postgres.get_secret_value(), settings.schema_name)

    def read() -> None:
        try:
            with psycopg.connect(dsn) as reader:
                reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                while not stopping.is_set():
                    with reader.transaction():
                        reader.execute("SELECT count(*) FROM interactions")
                        (found,) = reader.execute("SELECT count(*) FROM decisions").fetchone() or (0,)
                        counts.append(found)
        except BaseException as failure:  # noqa: BLE001 - raised again below
            failures.append(failure)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield counts
    finally:
        stopping.set()
        thread.join(30)
    if failures:
        raise failures[0]


def test_every_view_is_made_anew_as_it_was_while_it_is_read_and_written(
    settings: Settings, guest: Settings, views: list[View], sight: Sight, keys: Keys
) -> None:
    records = stories(CALLS)
    family = Story(keys, "fam-7", partition=1)
    family.record()
    family.patch(given.later(days=1), {"guardians": {"g1": "Lee Wong"}})
    searched = [each for each in family.records if each.topic in ("interactions", "enriched")]
    log(guest, searched)  # first, so that its offsets are those that its events name
    log(guest, records[::2])
    write(settings, "decisions", (b"fam-0", BAD), partition=0)
    with projecting(guest, views, None):
        eventually(lambda: sight.ask("SELECT 1 FROM lead_search WHERE root_offset > 0"), "it has begun")
        before = shape(sight)
        made = [view for view in views if view is not erasures.VIEW]
        with pytest.raises(UnknownView, match="there is no view erasures"):
            anew(settings, views, "erasures")
        with reading(settings, views) as counts:
            for number, view in enumerate(made):
                log(guest, records[1::2][number :: len(made)])
                anew(settings, views, view.table.name)
        wanted = sum(each.topic == "decisions" for each in records)
        eventually(lambda: len(sight.ask("SELECT 1 FROM decisions")) == wanted, "all of it is applied")
        eventually(lambda: len(sight.ask("SELECT 1 FROM dead_letters")) == 1, "the letter, too")
        held = {view.table.name: rows(sight, view) for view in views}
        for view in made:
            anew(settings, views, view.table.name)

    assert counts == sorted(counts), "no read ever finds less than the one before"
    assert len(counts) > 20
    assert shape(sight) == before
    assert all(rows(sight, view) == held[view.table.name] for view in views)
    assert len(held["lead_search"]) == 2
    kept, counted = (sight.ask(f"{asked} ORDER BY status, day") for asked in COUNTS)
    assert kept == counted != []
    assert len(sight.ask("SELECT DISTINCT relation FROM lead_counts")) <= 2, (
        "of tables that are gone only the last"
    )


def test_a_wrong_view_is_mended_and_the_projection_goes_on(
    settings: Settings, guest: Settings, views: list[View], sight: Sight
) -> None:
    log(guest, stories(CALLS))
    with projecting(guest, views, None):
        eventually(lambda: len(sight.ask("SELECT 1 FROM contacts")) == 2 * CALLS, "all of it is applied")
        sight.ask("UPDATE contacts SET channel = 'pigeon'")
        sight.ask("DELETE FROM contacts WHERE lead_id = 'fam-1'")

        done = anew(settings, views, "contacts")

        assert (done.rows, done.leftover) == (2 * CALLS, False)
        assert sight.ask("SELECT DISTINCT channel FROM contacts") == [{"channel": "voice"}]
        assert len(sight.ask("SELECT 1 FROM contacts")) == 2 * CALLS
        one_more(guest)
        eventually(lambda: len(sight.ask("SELECT 1 FROM contacts")) == 2 * CALLS + 1, "it goes on")


def test_what_is_ahead_of_the_projection_is_not_taken(
    settings: Settings, guest: Settings, views: list[View], sight: Sight
) -> None:
    log(guest, stories(CALLS))
    with projecting(guest, views, None):
        eventually(lambda: len(sight.ask("SELECT 1 FROM contacts")) == 2 * CALLS, "all of it is applied")
    one_more(guest)

    anew(settings, views, "contacts")

    assert len(sight.ask("SELECT 1 FROM contacts")) == 2 * CALLS


def test_a_failure_before_the_swap_leaves_the_old_view(
    settings: Settings, guest: Settings, views: list[View], sight: Sight, monkeypatch: pytest.MonkeyPatch
) -> None:
    log(guest, stories(3))
    with projecting(guest, views, None):
        eventually(lambda: len(sight.ask("SELECT 1 FROM contacts")) == 6, "all of it is applied")
    sight.ask("UPDATE contacts SET channel = 'pigeon'")
    before = shape(sight)

    def fail(_point: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(view_rebuild, "passing", fail)
    with pytest.raises(ZeroDivisionError):
        anew(settings, views, "contacts")

    assert shape(sight) == before
    assert sight.ask("SELECT DISTINCT channel FROM contacts") == [{"channel": "pigeon"}]


def test_a_crash_leaves_the_old_view_and_the_next_run_clears_up(
    settings: Settings, guest: Settings, views: list[View], sight: Sight
) -> None:
    log(guest, stories(3))
    with projecting(guest, views, None):
        eventually(lambda: len(sight.ask("SELECT 1 FROM contacts")) == 6, "all of it is applied")
        sight.ask("UPDATE contacts SET channel = 'pigeon'")
        command = (sys.executable, "-m", "infra.cli.app", "views", "rebuild", "contacts", "--json")
        killed = {**environment(settings), "ACADEMY_FAULT": "sql.before@1=kill"}

        assert subprocess.run(command, env=killed, capture_output=True, check=False).returncode == -9
        assert sight.ask("SELECT DISTINCT channel FROM contacts") == [{"channel": "pigeon"}]
        assert sight.ask("SELECT to_regclass(%s) AS left", f"contacts{MARK}") != [{"left": None}]
        one_more(guest)
        eventually(lambda: len(sight.ask("SELECT 1 FROM contacts")) == 7, "the projection goes on")

        done = subprocess.run(command, env=environment(settings), capture_output=True, check=True)

    assert json.loads(done.stdout)["leftover"] is True
    assert sight.ask("SELECT DISTINCT channel FROM contacts") == [{"channel": "voice"}]
    assert sight.ask("SELECT to_regclass(%s) AS left", f"contacts{MARK}") == [{"left": None}]


@pytest.mark.usefixtures("guest")
def test_two_at_once_are_refused(settings: Settings, views: list[View]) -> None:
    assert settings.postgres is not None
    dsn = in_schema(settings.postgres.get_secret_value(), settings.schema_name)
    with psycopg.connect(dsn, autocommit=True) as first:
        view_rebuild._claim(first, settings)
        with pytest.raises(Rebuilding, match="wait until it has ended"):
            anew(settings, views, "contacts")


@pytest.fixture
def command(settings: Settings, guest: Settings, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    for name, value in environment(settings).items():
        if name.startswith("ACADEMY_"):
            monkeypatch.setenv(name, value)
    return CliRunner()


def test_views_are_listed_with_their_topics(command: CliRunner, views: list[View]) -> None:
    listed = json.loads(command.invoke(app, ["views", "list", "--json"]).stdout)

    assert [each["view"] for each in listed] == [view.table.name for view in views]
    assert [tuple(each["topics"]) for each in listed] == [tuple(view.rows) for view in views]
    assert "status_steps" in command.invoke(app, ["views", "list"]).stdout


def test_an_unknown_view_is_refused_with_those_there_are(command: CliRunner) -> None:
    done = command.invoke(app, ["views", "rebuild", "weather"])

    assert done.exit_code == 1
    assert "there is no view weather; there are interactions, leads," in done.output
    assert "lead_search" in done.output


def test_a_rebuild_says_what_it_did(command: CliRunner) -> None:
    done = command.invoke(app, ["views", "rebuild", "contacts"])

    assert done.exit_code == 0, done.output
    assert "contacts: 0 rows of 0 records" in done.output


def test_reads_that_last_are_let_go_first(settings: Settings, guest: Settings, sight: Sight) -> None:
    assert settings.postgres is not None
    dsn = in_schema(settings.postgres.get_secret_value(), settings.schema_name)
    with psycopg.connect(dsn, autocommit=True) as holder, psycopg.connect(dsn) as reader:
        reader.execute("SELECT count(*) FROM contacts")
        waiting = threading.Timer(1.0, reader.rollback)
        waiting.start()
        with holder.transaction():
            Beside("contacts").lock(holder)
            assert waiting.finished.is_set()
        waiting.join()
