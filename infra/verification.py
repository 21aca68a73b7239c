"""Whether given words stand anywhere in clear: every topic's raw bytes, Postgres with what it has dropped, files.

The words themselves are never printed: each is told by its number.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from projections.connections import in_schema
from runtime.errors import RuntimeFault
from runtime.lookback import messages
from runtime.settings import Settings
from schemas.topics import TOPICS

SHORTEST = 4
"""Characters; shorter words stand anywhere by chance."""
CHUNK = 1 << 20
"""Bytes read at once of a file."""

CLEAR_FOR = {"inbox": "25 h", "ingest.dead": "25 h", "ingest.redrive": "25 h"}
"""Topics on which words stand in clear, and for how long."""

_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s ORDER BY 1"
_FILES = """
SELECT c.relname, pg_relation_filepath(c.oid) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = %(schema)s AND pg_relation_filepath(c.oid) IS NOT NULL
UNION ALL
SELECT c.relname || ' (long values)', pg_relation_filepath(c.reltoastrelid)
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = %(schema)s AND c.reltoastrelid <> 0
UNION ALL SELECT 'the write-ahead log', 'pg_wal/' || name FROM pg_ls_waldir()
"""
_READ = "SELECT pg_read_binary_file(%s, %s, %s, true)"


class TooShort(RuntimeFault):
    """A word that stands anywhere by chance."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A word, by its number from 1 on, in one place; `until` says how long such a place keeps it, None for ever."""

    word: int
    place: str
    times: int
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Where the words were found, how much was looked at, and what could not be."""

    found: tuple[Sighting, ...]
    looked: dict[str, int]
    not_looked: tuple[str, ...]


class Words:
    """What is looked for: each word as text, as JSON escapes it and as Postgres writes bytes; case does not matter."""

    def __init__(self, words: Iterable[str]) -> None:
        listed = [word.strip() for word in words if word.strip()]
        for number, word in enumerate(listed, 1):
            if len(word) < SHORTEST:
                raise TooShort(
                    f"word {number} has fewer than {SHORTEST} characters: it stands anywhere by chance"
                )
        if not listed:
            raise TooShort("no words were given: write one to a line")
        self._forms = [_forms(word) for word in listed]
        self.longest = max(len(form) for forms in self._forms for form in forms)

    def __len__(self) -> int:
        return len(self._forms)

    def within(self, data: bytes) -> Iterator[int]:
        """The numbers of those that stand in it."""
        lowered = data.lower()
        for number, forms in enumerate(self._forms, 1):
            if any(form in lowered for form in forms):
                yield number


def _forms(word: str) -> set[bytes]:
    plain = {word, word.lower(), word.casefold(), json.dumps(word)[1:-1]}
    encoded = {form.encode().lower() for form in plain}
    return encoded | {form.hex().encode() for form in (word.encode(), word.lower().encode())}


class Search:
    """Looks through one place after another and counts."""

    def __init__(self, words: Words) -> None:
        self._words, self._times = words, Counter[tuple[int, str]]()
        self._looked, self._not_looked = Counter[str](), list[str]()
        self._until: dict[str, str] = {}

    def report(self) -> Report:
        """Everything so far."""
        found = (
            Sighting(word, place, times, self._until.get(place))
            for (word, place), times in self._times.items()
        )
        by_place = sorted(found, key=lambda one: (one.word, one.place))
        return Report(tuple(by_place), dict(self._looked), tuple(self._not_looked))

    def topics(self, settings: Settings) -> None:
        """Key, value and headers of every record, of aborted transactions, too."""
        for topic in TOPICS:
            place = f"topic {topic}"
            if topic in CLEAR_FOR:
                self._until[place] = CLEAR_FOR[topic]
            for one in messages(settings, topic, committed=False):
                self._looked["records"] += 1
                told = [part for _name, part in one.headers if part]
                self._see(place, b"\n".join([one.key or b"", one.value or b"", *told]))

    def rows(self, settings: Settings) -> None:
        """Every row of every table as text."""
        with _database(settings) as database:
            tables = database.execute(_TABLES, [settings.schema_name]).fetchall()
            for (table,) in tables:
                with database.cursor(name="verify") as cursor:
                    cursor.execute(sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(table)))
                    for (row,) in cursor:
                        self._looked["rows"] += 1
                        self._see(f"table {table}", row.encode())

    def pages(self, settings: Settings) -> None:
        """What Postgres has on its disk, what rows were dropped included; first it is asked to sweep them away."""
        with _database(settings, autocommit=True) as database:
            try:
                for (table,) in database.execute(_TABLES, [settings.schema_name]).fetchall():
                    database.execute(sql.SQL("VACUUM {}").format(sql.Identifier(table)))
                database.execute("CHECKPOINT")
                files = database.execute(_FILES, {"schema": settings.schema_name}).fetchall()
                for name, path in files:
                    self._blocks(f"pages of {name}", _served(database, path))
            except psycopg.errors.InsufficientPrivilege:
                self._not_looked.append(
                    "pages and write-ahead log of Postgres: its user must be a superuser, or of pg_read_server_files"
                )

    def files(self, folder: Path) -> None:
        """Every file below a folder: logs, exports, whatever is kept there."""
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                try:
                    with path.open("rb") as file:
                        self._looked["files"] += 1
                        self._blocks(f"file {path.relative_to(folder)}", iter(lambda: file.read(CHUNK), b""))
                except OSError as wrong:
                    self._not_looked.append(f"file {path.relative_to(folder)}: {wrong.strerror}")

    def _blocks(self, place: str, blocks: Iterator[bytes]) -> None:
        """Blocks of one whole: what lies across two of them is seen, too."""
        end = b""
        for block in blocks:
            self._looked["bytes"] += len(block)
            self._see(place, end + block)
            end = block[-self._words.longest + 1 :]

    def _see(self, place: str, data: bytes) -> None:
        for word in self._words.within(data):
            self._times[word, place] += 1


def _database(settings: Settings, *, autocommit: bool = False) -> "psycopg.Connection[Any]":
    assert settings.postgres is not None  # noqa: S101 - `broker` gives one
    dsn = in_schema(settings.postgres.get_secret_value(), settings.schema_name)
    return psycopg.connect(dsn, autocommit=autocommit)


def _served(database: "psycopg.Connection[Any]", path: str) -> Iterator[bytes]:
    """A file of the server's, as it serves it; one that went meanwhile is empty."""
    offset = 0
    while True:
        row = database.execute(_READ, [path, offset, CHUNK]).fetchone()
        block = bytes(row[0]) if row and row[0] else b""
        if not block:
            return
        yield block
        offset += len(block)
