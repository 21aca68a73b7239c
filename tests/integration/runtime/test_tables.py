"""The learned values: a fold of the transitions whatever the restarts, and readers see whole commits only."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from decider.tables import Q_TABLE
from domain.q_learning import NO_VALUES, Marker, Row, Values, fold, row_key
from domain.records import Transition
from learner.service import build
from runtime import clients, global_table
from runtime.global_table import GlobalTable
from runtime.settings import Settings
from schemas.codec import decode, encode
from tests.broker import PATIENCE, eventually, read, send
from tests.integration.runtime.loops import processing
from tests.unit.domain.test_q_learning import transition

TABLE = "default"
STATES = ("new:neutral", "contacted:considering", "interested:negative")


def lesson(ordinal: int) -> Transition:
    return transition(
        transition_id=f"transition-{ordinal}",
        from_state=STATES[ordinal % 3],
        action=("warm_follow_up", "wait")[ordinal % 2],
        reward=ordinal % 7 / 10,
        to_state=STATES[(ordinal + 1) % 3],
    )


def folds(settings: Settings) -> dict[int, Values]:
    """The table at each version, folded anew from the log."""
    values, found = NO_VALUES, {}
    for message in read(settings, "transitions"):
        values = fold(values, decode("transitions", message.value or b""), message.offset)
        found[message.offset] = values
    return found


def same(one: Values, other: Values) -> bool:
    return (one.version, one.alpha, one.gamma, one.rows) == (
        other.version,
        other.alpha,
        other.gamma,
        other.rows,
    )


@dataclass
class Reader:
    """Every view that a table has shown while it followed the log."""

    table: GlobalTable[dict[str, Values]]
    seen: dict[int, Values] = field(default_factory=dict)

    def look(self) -> None:
        self.table.poll(0.1)
        if not self.table.serving:
            self.table.catch_up()
        if TABLE in self.table.view:
            values = self.table.view[TABLE]
            assert self.table.versions == {TABLE: values.version}
            self.seen[values.version] = values


@contextmanager
def following(settings: Settings) -> Iterator[Reader]:
    reader, over = Reader(GlobalTable(Q_TABLE, settings)), threading.Event()
    reader.table.start()

    def run() -> None:
        while not over.is_set():
            reader.look()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield reader
    finally:
        over.set()
        thread.join()
        reader.table.close()


def test_the_table_is_the_fold_after_restarts_and_a_reader_sees_only_whole_versions(
    configured: Settings,
) -> None:
    with following(configured) as reader:
        for first in range(0, 400, 100):
            send(configured, "transitions", TABLE, *(lesson(ordinal) for ordinal in range(first, first + 50)))
            with processing(configured, build()) as loop:
                more = [lesson(ordinal) for ordinal in range(first + 50, first + 100)]
                for start in range(0, 50, 10):
                    taken = loop.handled("learner")
                    send(configured, "transitions", TABLE, *more[start : start + 10])
                    eventually(lambda: loop.handled("learner") > taken, "a part is learned")  # noqa: B023 - called at once
        wanted = folds(configured)
        last = max(wanted)
        with processing(configured, build()):
            eventually(lambda: last in reader.seen, "the reader has the last version")

    assert len(reader.seen) >= 8
    assert all(same(values, wanted[version]) for version, values in reader.seen.items())
    assert_chained(configured, last)


def assert_chained(settings: Settings, last: int) -> None:
    """Each marker names the version before it and the rows since."""
    version, rows = -1, 0
    for message in read(settings, "q-table"):
        value = decode("q-table", message.value or b"")
        if isinstance(value, Marker):
            assert (value.previous, value.rows) == (version, rows)
            version, rows = value.version, 0
        else:
            rows += 1
    assert version == last


Raw = tuple[bytes, bytes]


def row(q: float, version: int, action: str = "wait") -> Raw:
    value = Row(q, 1, 0, q, version)
    return row_key(TABLE, STATES[0], action).encode(), encode("q-table", value)


def marker(version: int, previous: int, rows: int) -> Raw:
    return TABLE.encode(), encode("q-table", Marker(version, previous, rows, 0.1, 0.9))


def commit(settings: Settings, *rows: Raw, partition: int = 0, aborted: bool = False) -> None:
    """The rows as the learner writes them: in one transaction, so that no reader stands at an end among them."""
    producer = clients.transactional(settings, "learner")
    producer.init_transactions(PATIENCE)
    producer.begin_transaction()
    for key, value in rows:
        producer.produce(settings.topic("q-table"), value, key, partition)
    assert producer.flush(PATIENCE) == 0
    if aborted:
        producer.abort_transaction(PATIENCE)
    else:
        producer.commit_transaction(PATIENCE)
    producer.close()


@pytest.fixture
def compacted(settings: Settings) -> Iterator[GlobalTable[dict[str, Values]]]:
    """A late reader of what compaction left: no old rows and markers, counts and versions with gaps."""
    commit(settings, row(0.2, 3, "stop"), row(0.7, 9), marker(9, 8, 4))
    table = GlobalTable(Q_TABLE, settings)
    table.start()
    yield table
    table.close()


def test_a_late_reader_takes_a_compacted_table_as_it_is(
    settings: Settings, compacted: GlobalTable[dict[str, Values]]
) -> None:
    assert compacted.versions == {TABLE: 9}
    assert [found.q for _state, _action, found in compacted.view[TABLE]] == [0.2, 0.7]

    commit(settings, row(0.9, 10), marker(10, 9, 1))
    eventually(lambda: compacted.poll(0.1) and compacted.versions == {TABLE: 10}, "the next commit")
    assert compacted.serving


def test_a_reader_that_lost_a_commit_serves_again_only_at_a_new_end(
    settings: Settings, compacted: GlobalTable[dict[str, Values]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(global_table, "STALLED_SECONDS", 3.0)
    commit(settings, row(0.9, 12), marker(12, 11, 1))
    eventually(lambda: compacted.poll(0.1) and compacted.versions == {TABLE: 12}, "the commit after the gap")
    was = compacted.serving

    compacted.catch_up()

    assert (was, compacted.serving) == (False, True)
    commit(settings, row(1.0, 13), marker(13, 12, 1))
    eventually(lambda: compacted.poll(0.1) and compacted.versions == {TABLE: 13}, "the next commit")
    assert compacted.serving


def test_a_partition_of_markers_alone_holds_no_reader_up(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(global_table, "STALLED_SECONDS", 3.0)
    commit(settings, row(0.1, 0), partition=1, aborted=True)
    commit(settings, row(0.7, 9), marker(9, -1, 1))
    table = GlobalTable(Q_TABLE, settings)
    table.start()
    try:
        commit(settings, row(0.9, 12), marker(12, 11, 1))
        eventually(lambda: table.poll(0.1) and table.versions == {TABLE: 12}, "the commit after the gap")
        table.catch_up()
    finally:
        table.close()


def test_half_a_commit_is_waited_for(settings: Settings, compacted: GlobalTable[dict[str, Values]]) -> None:
    commit(
        settings,
        *(row(0.9, 10) for _ in range(global_table.ONCE + 500)),
        marker(10, 9, global_table.ONCE + 500),
    )
    eventually(lambda: compacted.poll(0.1), "its first rows")
    assert compacted.versions == {TABLE: 9}
    assert compacted.view[TABLE].row(STATES[0], "wait").q == 0.7

    eventually(lambda: compacted.poll(0.1) and compacted.versions == {TABLE: 10}, "its marker")
    assert compacted.view[TABLE].row(STATES[0], "wait").q == 0.9
    assert compacted.serving
