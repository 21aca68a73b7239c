"""Whole views as files, over a real Postgres."""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import psycopg
import pytest
from pyarrow import parquet
from pydantic import SecretStr
from sqlalchemy import Engine

from projections import exports
from projections.api.app import build
from projections.api.settings import ApiSettings
from projections.connections import in_schema
from projections.exports import Export, exportable
from projections.metadata import METADATA
from runtime.keys import Keys
from tests.broker import eventually
from tests.integration.projections.sink import Sink
from tests.trail import MemorySink
from tests.unit.projections.api.client import SECRET, Client
from tests.unit.projections.household import TRANSCRIPT, Story
from tests.unit.projections.letters import letter

ANALYST = f"{SECRET}-of-an-analyst"
POSITIONS = {"leads": [7, 3], "decisions": [6], "enriched": [0, 9]}


@pytest.fixture
def database(postgres: str, settings: ApiSettings, schema: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(in_schema(postgres, settings.schema_name), autocommit=True) as connection:
        yield connection


@pytest.fixture
def analyst(
    settings: ApiSettings,
    engine: Engine,
    keys: Keys,
    sink: Sink,
    story: Story,
    database: psycopg.Connection[Any],
) -> Client:
    sink.apply([*story.records, letter()])
    for topic, offsets in POSITIONS.items():
        for partition, offset in enumerate(offsets):
            if offset:
                row = ("projections", topic, partition, offset)
                database.execute("INSERT INTO positions VALUES (%s, %s, %s, %s)", row)
    database.execute(
        "INSERT INTO erasures (partition, root_offset, event_id, lead_id, requested_at)"
        " VALUES (1, 7, 'e-7', 'fam-9', now())"
    )
    tokens = SecretStr(f"reader:{SECRET}:read,analyst:{ANALYST}:analyse")
    asked = settings.model_copy(update={"tokens": tokens, "exports": 1})
    return Client(build(asked, engine, keys, MemorySink()), {"Authorization": f"Bearer {ANALYST}"})


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.text)))


def table_of(answer: httpx.Response) -> Any:
    assert answer.status_code == 200
    return parquet.read_table(io.BytesIO(answer.content))


@pytest.mark.parametrize("view", sorted(exportable()))
def test_every_view_is_given_whole_in_both_forms(analyst: Client, sink: Sink, view: str) -> None:
    stored = sink.rows(METADATA.tables[view])
    lines = rows_of(analyst.get(f"/api/exports/{view}"))
    table = table_of(analyst.get(f"/api/exports/{view}", format="parquet"))

    assert stored
    assert len(lines) == table.num_rows == len(stored)
    assert list(lines[0]) == table.column_names
    assert set(table.column_names) == set(stored[0])
    key = next(iter(METADATA.tables[view].primary_key)).name
    assert {line[key] for line in lines} == {str(row[key]) for row in stored}
    assert {str(value) for value in table[key].to_pylist()} == {str(row[key]) for row in stored}


def test_values_are_as_they_are_stored(analyst: Client, sink: Sink) -> None:
    (stored,) = sink.rows(METADATA.tables["leads"])
    (line,) = rows_of(analyst.get("/api/exports/leads"))
    (row,) = table_of(analyst.get("/api/exports/leads", format="parquet")).to_pylist()

    assert {name: row[name] for name in row if name != "reviews"} == {
        name: stored[name] for name in stored if name != "reviews"
    }
    assert datetime.fromisoformat(line["updated_at"]) == stored["updated_at"]
    assert line["reviews"] == ""
    record = json.loads(rows_of(analyst.get("/api/exports/decisions"))[0]["record"])
    assert record["lead_id"] == "fam-1"


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_what_is_sealed_stays_sealed(analyst: Client, form: str) -> None:
    answer = analyst.get("/api/exports/interactions", format=form)
    table = rows_of(answer) if form == "csv" else table_of(answer).to_pylist()
    told = "".join(row["recorded"] + (row["extraction"] or "") for row in table)

    assert '"key_id"' in told
    assert TRANSCRIPT not in told
    assert "Whitfield" not in told


def test_an_export_says_which_offsets_it_holds(analyst: Client) -> None:
    answer = analyst.get("/api/exports/leads", format="parquet")
    metadata = table_of(answer).schema.metadata

    assert json.loads(answer.headers["academy-positions"]) == POSITIONS
    assert json.loads(metadata[b"academy.positions"]) == POSITIONS
    assert metadata[b"academy.view"] == b"leads"
    assert json.loads(analyst.get("/api/exports/decisions").headers["academy-positions"]) == {
        "decisions": [6]
    }
    assert answer.headers["content-disposition"] == 'attachment; filename="leads.parquet"'


def test_csv_is_packed_where_that_is_accepted(analyst: Client) -> None:
    packed = Client(analyst.app, {**analyst.headers, "Accept-Encoding": "gzip"}).get("/api/exports/decisions")
    plain = Client(analyst.app, {**analyst.headers, "Accept-Encoding": "identity"}).get(
        "/api/exports/decisions"
    )

    assert (packed.headers["content-encoding"], packed.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert gzip.compress(plain.content) != plain.content


@pytest.mark.parametrize(
    ("view", "asked", "status"),
    [
        ("keys", {}, 404),
        ("master_check", {}, 404),
        ("leads;drop", {}, 404),
        ("leads", {"format": "xlsx"}, 422),
        ("leads", {"fromat": "csv"}, 422),
    ],
)
def test_nothing_but_views_is_given(analyst: Client, view: str, asked: dict[str, str], status: int) -> None:
    assert analyst.get(f"/api/exports/{view}", **asked).status_code == status


def test_readers_are_no_analysts(analyst: Client) -> None:
    reader = Client(analyst.app, {"Authorization": f"Bearer {SECRET}"})

    assert reader.get("/api/exports/leads").status_code == 403
    assert analyst.get("/api/leads").status_code == 403


def test_an_export_is_one_snapshot_of_rows_and_positions(
    settings: ApiSettings,
    sink: Sink,
    story: Story,
    database: psycopg.Connection[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sink.apply(story.records)
    assert settings.postgres is not None
    monkeypatch.setattr(exports, "FETCHED", 1)
    monkeypatch.setattr(exports, "GROUP_ROWS", 1)
    with Export(settings.postgres.get_secret_value(), settings.schema_name, "decisions", 60) as export:
        parts = export.parts("parquet")
        found = [next(parts)]
        database.execute("INSERT INTO positions VALUES ('projections', 'decisions', 0, 99)")
        database.execute("DELETE FROM decisions")
        found += parts

    assert export.manifest.positions == {}
    file = parquet.ParquetFile(io.BytesIO(b"".join(found)))
    assert file.metadata.num_rows == len(story.of("decisions")) > 1
    assert file.metadata.num_row_groups == file.metadata.num_rows


def test_memory_holds_a_piece_of_a_view_and_no_more(
    settings: ApiSettings, database: psycopg.Connection[Any]
) -> None:
    database.execute(
        "INSERT INTO q_table SELECT 'default', 'state-' || n, repeat('a', 500), n, n, n, n, n"
        " FROM generate_series(1, 20000) AS n"
    )
    assert settings.postgres is not None
    with Export(settings.postgres.get_secret_value(), settings.schema_name, "q_table", 60) as export:
        sizes = [len(part) for part in export.parts("csv")]

    assert sum(sizes) > 10_000_000
    assert max(sizes) < 2 * exports.PIECE


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_reader_who_leaves_ends_the_snapshot(
    analyst: Client, settings: ApiSettings, database: psycopg.Connection[Any], form: Any
) -> None:
    database.execute(
        "INSERT INTO q_table SELECT 'default', 'state-' || n, 'a', n, n, n, n, n FROM generate_series(1, 50000) AS n"
    )
    assert settings.postgres is not None
    export = Export(settings.postgres.get_secret_value(), settings.schema_name, "q_table", 60)
    number = export._connection.info.backend_pid
    next(export.parts(form))
    export.close()

    there = "SELECT 1 FROM pg_stat_activity WHERE pid = %s"
    eventually(lambda: database.execute(there, [number]).fetchone() is None, "the snapshot ends", 5)


def test_a_seat_is_free_again_after_an_export(analyst: Client) -> None:
    assert [analyst.get("/api/exports/leads").status_code for _ in range(3)] == [200] * 3
    assert [analyst.head("/api/exports/leads").status_code for _ in range(3)] == [200] * 3
