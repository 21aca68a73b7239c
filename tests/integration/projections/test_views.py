"""The views as a fold of the log: whatever the batches, and in whatever order topics come."""

from itertools import groupby
from operator import attrgetter
from random import Random

import pytest

from projections.event_tables import contacts, dead_letters, lead_search, readings, status_steps
from projections.leads import RECORD_PARTS
from projections.tables import (
    decisions,
    interactions,
    lead_states,
    leads,
    learning_tables,
    policies,
    q_table,
    transitions,
)
from runtime import bulk
from runtime.transform import Record
from runtime.upserts import Put, upsert
from tests.integration.projections.sink import Sink
from tests.unit.projections.household import Ring, acted, told

TABLES = (
    *(leads, interactions, decisions, transitions, q_table, learning_tables, policies, lead_states),
    *(contacts, readings, status_steps, dead_letters, lead_search),
)
COUNTS = (
    """SELECT status, day, sum(leads)::bigint FROM lead_counts WHERE relation = 'leads'::regclass
    GROUP BY status, day HAVING sum(leads) <> 0""",
    """SELECT status, (contact_at AT TIME ZONE 'UTC')::date AS day, count(*) AS sum FROM leads
    WHERE status IS NOT NULL GROUP BY status, day""",
)
"""How many leads each status has by day of contact: as it is kept, and counted."""
RECORDS = told(Ring()).records
ACTS = acted(Ring(), "fam-2", partition=1).records


def shuffled(records: list[Record], seed: int) -> list[Record]:
    """Topics interleaved anew; each keeps its own order."""
    by_topic = attrgetter("topic")
    queues = [list(found) for _, found in groupby(sorted(records, key=by_topic), by_topic)]
    draw = Random(seed)  # noqa: S311 - an order, no secret
    mixed: list[Record] = []
    while queues:
        queue = draw.choice(queues)
        mixed.append(queue.pop(0))
        queues = [left for left in queues if left]
    return mixed


def contents(sink: Sink) -> list[list[dict[str, object]]]:
    kept, counted = (sorted(map(str, sink.plain().execute(asked))) for asked in COUNTS)
    assert kept == counted
    return [sink.rows(table) for table in TABLES]


@pytest.mark.parametrize("seed", range(5))
def test_neither_batches_nor_the_order_of_topics_matter(sink: Sink, seed: int) -> None:
    sink.apply(RECORDS)
    whole = contents(sink)
    sink.database.execute(f"TRUNCATE {', '.join(table.name for table in TABLES)}")

    for record in shuffled(RECORDS, seed):
        sink.apply([record])

    assert contents(sink) == whole
    assert [len(rows) for rows in whole[:4]] == [1, 3, 3, 2]


@pytest.mark.parametrize("seed", range(5))
def test_a_patched_record_and_acts_fold_alike_whatever_the_order_of_topics(sink: Sink, seed: int) -> None:
    sink.apply(ACTS)
    whole = contents(sink)
    sink.database.execute(f"TRUNCATE {', '.join(table.name for table in TABLES)}")

    for record in shuffled(ACTS, seed):
        sink.apply([record])

    assert contents(sink) == whole
    (lead,) = whole[0]
    assert [lead[f"{part}_offset"] for part in RECORD_PARTS] == [0, 1, 0, 1]
    assert len(whole[1]) == 8


@pytest.mark.parametrize("records", [RECORDS, ACTS], ids=["a story", "acts"])
@pytest.mark.parametrize("most", [1, 3, 50])
def test_in_bulk_come_the_same_rows(sink: Sink, records: list[Record], most: int) -> None:
    sink.apply(records)
    whole = contents(sink)
    sink.database.execute(f"TRUNCATE {', '.join(table.name for table in TABLES)}")

    mixed = shuffled(records, most)
    for start in range(0, len(mixed), most):
        sink.apply(mixed[start : start + most], bulk.put)

    assert contents(sink) == whole


@pytest.mark.parametrize("put", [upsert, bulk.put])
def test_a_batch_applied_twice_changes_nothing(sink: Sink, put: Put) -> None:
    sink.apply(RECORDS, put)
    once = contents(sink)

    sink.apply(RECORDS, put)

    assert contents(sink) == once


def test_a_repeated_id_leaves_the_first_event_as_it_was(sink: Sink) -> None:
    sink.apply(RECORDS)
    _, first, again = sink.rows(interactions)

    assert first["event_id"] == again["event_id"]
    assert (first["repeats"], again["repeats"]) == (None, "duplicate")
    assert first["extraction"] is not None


def test_leads_that_went_are_not_counted(sink: Sink) -> None:
    sink.apply(RECORDS)
    sink.apply(ACTS)
    sink.database.execute("DELETE FROM leads WHERE lead_id = 'fam-2'")
    (lead,) = contents(sink)[0]
    sink.database.execute("UPDATE leads SET status = NULL")

    assert lead["status"] is not None
    assert contents(sink)[0] == [{**lead, "status": None}]
