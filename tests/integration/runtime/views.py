"""A log of two households and what the views must make of it, recomputed by the views' own row functions."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import msgspec
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row
from pydantic import SecretStr

from projections.migrate import upgrade
from projections.service import build
from runtime.settings import Settings
from runtime.state import BEGINNING
from runtime.transform import Record
from runtime.views import View
from schemas.codec import decode, encode
from tests import given
from tests.broker import read, write
from tests.unit.projections.household import Ring, Story

VIEWS = build()
TABLE_TOPICS = ("transitions", "q-table", "policies")
"""Of these only the first household's are written: one partition owns a learning table, and all parameters."""


def stories(calls: int) -> list[Record]:
    """Two households, one a partition, with a call a day."""
    found: list[Record] = []
    for number in (0, 1):
        story = Story(Ring(), f"fam-{number}", partition=number)
        story.record()
        for day in range(calls):
            story.call(given.later(days=day + 1))
        found += [each for each in story.records if number == 0 or each.topic not in TABLE_TOPICS]
    return found


def log(settings: Settings, records: list[Record]) -> None:
    """Onto the topics, each to its partition."""
    places = dict.fromkeys((each.topic, each.partition) for each in records)
    for topic, partition in places:
        of_place = [each for each in records if (each.topic, each.partition) == (topic, partition)]
        messages = [(each.key.encode(), encode(topic, each.value)) for each in of_place]
        write(settings, topic, *messages, partition=partition)


def recomputed(settings: Settings) -> dict[str, dict[tuple[Any, ...], dict[str, Any]]]:
    """By table and key: every column that the whole log has set."""
    found: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {view.table.name: {} for view in VIEWS}
    for view in VIEWS:
        for topic, rows in view.rows.items():
            for record in _records(settings, topic):
                for row in rows(record):
                    found[view.table.name].setdefault(_key(view, row), {}).update(row)
    return found


def _records(settings: Settings, topic: str) -> Iterator[Record]:
    for message in read(settings, topic):
        key, value = (message.key or b"").decode(), decode(topic, message.value or b"")
        yield Record(topic, message.partition, message.offset, key, value, message.appended or BEGINNING)


def _key(view: View, row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in view.table.primary_key.columns)


class Sight:
    """What the tables of one schema hold now."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def ask(self, statement: str, *given: object) -> list[dict[str, Any]]:
        assert self._settings.postgres is not None
        dsn = self._settings.postgres.get_secret_value()
        with psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as database:
            database.execute(
                sql.SQL("SET search_path TO {}").format(sql.Identifier(self._settings.schema_name))
            )
            cursor = database.execute(statement.encode(), given)
            return cursor.fetchall() if cursor.description else []

    def position(self, topic: str, partition: int) -> int | None:
        """Where the projection stands; None before it has begun."""
        found = self.ask(
            "SELECT next_offset FROM positions WHERE topic = %s AND partition = %s", topic, partition
        )
        return found[0]["next_offset"] if found else None

    def equals(self, wanted: dict[str, dict[tuple[Any, ...], dict[str, Any]]]) -> bool:
        """Whether each table holds these rows and no other; columns that nothing has set are not compared."""
        return all(self._table(view, wanted[view.table.name]) for view in VIEWS)

    def _table(self, view: View, wanted: dict[tuple[Any, ...], dict[str, Any]]) -> bool:
        held = {_key(view, row): row for row in self.ask(f'SELECT * FROM "{view.table.name}"')}  # noqa: S608 - a table of ours
        return held.keys() == wanted.keys() and all(
            plain(held[key][name]) == plain(value)
            for key, row in wanted.items()
            for name, value in row.items()
        )


def plain(value: Any) -> Any:
    """A value as JSON gives it back; times stay times."""
    return value if isinstance(value, date) else msgspec.json.decode(msgspec.json.encode(value))


@contextmanager
def database(settings: Settings) -> Iterator[tuple[Settings, "Door"]]:
    """A migrated schema, and settings of a user of its own who can be shut out of the database."""
    assert settings.postgres is not None
    dsn, schema = settings.postgres.get_secret_value(), settings.schema_name
    upgrade(dsn, schema)
    door = Door(dsn, schema)
    with psycopg.connect(dsn, autocommit=True) as connection:
        name, area = sql.Identifier(schema), sql.Identifier(schema)
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'guest'").format(name))
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(area, name))
        connection.execute(sql.SQL("GRANT ALL ON ALL TABLES IN SCHEMA {} TO {}").format(area, name))
        try:
            guest = SecretStr(make_conninfo(dsn, user=schema, password="guest"))
            yield settings.model_copy(update={"postgres": guest}), door
        finally:
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(area))
            connection.execute(sql.SQL("DROP ROLE {}").format(name))


class Door:
    """Ends a user's connections, and lets no new one in while it is shut."""

    def __init__(self, dsn: str, user: str) -> None:
        self._dsn, self._user = dsn, user

    def shut(self) -> None:
        self._set("NOLOGIN")
        self.end()

    def open(self) -> None:
        self._set("LOGIN")

    def end(self) -> int:
        """Terminates every session of the user; how many there were."""
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            ended = connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = %s",
                [self._user],
            )
            return len(ended.fetchall())

    def _set(self, what: str) -> None:
        with psycopg.connect(self._dsn, autocommit=True) as connection:
            statement = "ALTER ROLE {} " + what
            connection.execute(sql.SQL(statement).format(sql.Identifier(self._user)))
