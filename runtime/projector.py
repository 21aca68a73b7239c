"""The other loop: from Kafka to Postgres, rows and position in one SQL transaction."""

import threading
import time
from collections.abc import Sequence
from typing import Any

import psycopg
import psycopg.sql
import structlog
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka import Message as ClientMessage

from runtime import clients
from runtime.dead_letters import Limit
from runtime.errors import NotReady
from runtime.faults import passing
from runtime.forgetting import Forgetting, forget
from runtime.health import Health
from runtime.lag import behind, since
from runtime.messages import newest_ms, received
from runtime.metrics import Metrics
from runtime.positions import Place, move, stored
from runtime.presence import Presence
from runtime.settings import Settings
from runtime.state import BEGINNING
from runtime.transform import Message, Record
from runtime.upserts import folded, upsert
from runtime.views import Read, View, rows_of
from schemas.codec import Undecodable, decode

log = structlog.get_logger()

BATCH = 1000
"""Messages in one SQL transaction at the most."""

NOT_OURS = 1 << 62
"""Above any offset: what lies below is somebody else's, or was applied."""

LINGER_SECONDS = 0.03
"""After the first message wait so long for others: a batch of ten costs Postgres little more than one."""

FROZEN_SECONDS = 10.0
"""How long a transaction may stand still between two statements; the group takes the place of a silent copy, too."""

AWAY = (psycopg.OperationalError, psycopg.errors.IdleInTransactionSessionTimeout)
"""What a lost connection raises; a batch is applied again by another one, where its positions still stand."""

AWAY_SECONDS = 0.5
"""Pause between two tries while Postgres is away."""


class Projector:
    """Keeps views equal to a fold of the log up to the stored positions; its thread owns every client."""

    def __init__(
        self,
        settings: Settings,
        views: Sequence[View],
        health: Health,
        metrics: Metrics,
        name: str = "projections",
        forgetting: Forgetting | None = None,
    ) -> None:
        if settings.postgres is None:
            raise NotReady("ACADEMY_POSTGRES is not set: name a database, or use `academy run`")
        self._settings, self._views, self._health, self._metrics = settings, views, health, metrics
        self._name, self._forgetting = name, forgetting
        self._dsn = settings.postgres.get_secret_value()
        self._topics = {settings.topic(topic): topic for view in views for topic in view.rows}
        self._positions: dict[Place, int] = {}
        self._ends: dict[Place, int] = {}
        self._failure: BaseException | None = None
        self._limit = Limit()
        self._database: psycopg.Connection[Any] | None = None
        self._assigned, self._presence = False, Presence(list(self._topics))
        self._held: list[ClientMessage] = []
        self._unburied: KafkaError | None = None
        self._reported_at, self._newest_ms = 0.0, 0

    def run(self, stopping: threading.Event) -> None:
        """Until asked to stop; what is not committed is read again."""
        self._writer: Producer = clients.writer(self._settings)
        self._consumer: Consumer = clients.member(self._settings, self._name)
        self._consumer.subscribe(
            list(self._topics), on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_revoke
        )
        try:
            while not stopping.is_set():
                self._turn(stopping)
        finally:
            self._consumer.close()
            if self._database is not None:
                self._database.close()

    def _turn(self, stopping: threading.Event) -> None:
        messages = self._consume()
        if isinstance(self._failure, psycopg.OperationalError):
            raise NotReady("Postgres went away while partitions were assigned") from self._failure
        if self._failure is not None:
            raise self._failure
        self._presence.look(self._consumer)
        batch = [self._read(message) for message in messages]
        self._bury_all()
        while batch and not stopping.is_set():
            try:
                self._apply(
                    [each for each in batch if each.offset >= self._positions.get(each.place, NOT_OURS)]
                )
            except AWAY as away:
                self._wait_for_postgres(away)
            else:
                break
        self._report()

    def _consume(self) -> list[Message]:
        first = self._consumer.poll(0.25)
        if first is not None:
            self._held += (first, *self._consumer.consume(BATCH - 1, LINGER_SECONDS))
        held, self._held = self._held, []
        self._newest_ms = newest_ms(held) or self._newest_ms
        return received(held, self._topics, self._ends)

    def _read(self, message: Message) -> Read:
        """The rows of one message; what cannot be read is set aside, bytes untouched, before the position moves."""
        place = (message.topic, message.partition)
        try:
            value = None if message.value is None else decode(message.topic, message.value)
            key = (message.key or b"").decode()
        except (Undecodable, UnicodeDecodeError) as reason:
            self._bury(message, reason)
            self._limit.count(rejected=True)
            return Read(place, message.offset, [])
        self._limit.count(rejected=False)
        self._metrics.handled(self._name)
        record = Record(*place, message.offset, key, value, message.appended or BEGINNING)
        rows = rows_of(self._views, record)
        return Read(place, message.offset, rows, record)

    def _apply(self, batch: list[Read]) -> None:
        """Rows and positions of one batch, together or not at all."""
        positions = {each.place: each.offset + 1 for each in batch}
        database = self._connected()
        with database.transaction():
            move(database, self._name, self._positions, positions)
            if self._forgetting is not None:
                batch = self._forgetting.kept(database, batch)
            for view in self._views:
                rows = [row for each in batch for of, row in each.rows if of is view]
                for columns, found in folded(view.table, rows):
                    upsert(database, view.table, columns, found)
                self._metrics.changed(view.table.name, len(rows))
            passing("sql.before")
        passing("sql.after")
        self._positions.update(positions)

    def _bury(self, message: Message, reason: Exception) -> None:
        said: list[tuple[str, str | bytes | None]] = [*message.dead(self._name, reason)]
        topic = self._settings.topic(f"{self._name}.dead")
        self._writer.produce(
            topic, message.value, message.key, message.partition, headers=said, on_delivery=self._delivered
        )
        self._metrics.handled(self._name, rejected=True)

    def _delivered(self, error: KafkaError | None, _message: Any) -> None:
        """Runs inside a flush: store and return (rule 4)."""
        self._unburied = self._unburied or error

    def _bury_all(self) -> None:
        """No position moves past a bad record before its dead letter is acknowledged."""
        if self._writer.flush(clients.CALL_SECONDS) or self._unburied is not None:
            raise NotReady(f"a dead letter could not be written: {self._unburied or 'no answer'}")

    def _connected(self) -> psycopg.Connection[Any]:
        if self._database is None or self._database.closed:
            self._database = psycopg.connect(self._dsn, autocommit=True, connect_timeout=5)
            schema = psycopg.sql.Identifier(self._settings.schema_name)
            self._database.execute(psycopg.sql.SQL("SET search_path TO {}").format(schema))
            # A copy that froze amid its transaction must not keep the rows from whoever takes its place.
            self._database.execute(f"SET idle_in_transaction_session_timeout TO '{FROZEN_SECONDS:.0f}s'")
            # A batch that a crash of Postgres loses is read again with its position: nothing waits for its disk.
            self._database.execute("SET synchronous_commit TO off")
        return self._database

    def _wait_for_postgres(self, away: Exception) -> None:
        """Not ready, but still a member of the group: the batch is applied when Postgres is back."""
        log.warning("postgres_away", error=type(away).__name__)
        self._health.report(ready=False, detail="Postgres is away")
        if self._database is not None:
            self._database.close()
        self._consumer.pause(self._consumer.assignment())
        message = self._consumer.poll(AWAY_SECONDS)
        if message is not None:  # of a partition assigned just now, which is not paused
            self._held.append(message)
        self._consumer.resume(self._consumer.assignment())

    def _forget(self) -> None:
        if self._forgetting is None or not self._assigned:
            return
        try:
            forget(self._forgetting, self._connected(), self._writer, self._settings)
        except AWAY as away:
            self._wait_for_postgres(away)

    def _report(self) -> None:
        if time.monotonic() < self._reported_at + 1:
            return
        self._reported_at = time.monotonic()
        self._forget()
        places = {
            (self._settings.topic(topic), partition): max(position, self._ends.get((topic, partition), 0))
            for (topic, partition), position in self._positions.items()
        }
        lag = behind(self._consumer, places) if self._assigned else None
        self._metrics.lag(self._name, "all", lag or 0, since(self._newest_ms) if lag else 0.0)
        self._metrics.ready(ready=self._assigned)
        self._health.report(ready=self._assigned, lag=lag, detail=f"{len(self._positions)} partitions")

    # The callbacks run inside poll and consume: what fails there is kept, and raised after (rule 4).

    def _on_assign(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        try:
            named = [(self._topics[place.topic], place.partition) for place in places]
            found = stored(self._connected(), self._name, named)
            for name, place in zip(named, places, strict=True):
                offset = self._positions[name] = found[name]
                place.offset = offset or OFFSET_BEGINNING
            consumer.incremental_assign(places)
            self._assigned = True
        except Exception as failure:  # noqa: BLE001 - an exception that leaves a callback loses records
            self._failure = failure

    def _on_revoke(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        try:
            for place in places:
                self._positions.pop((self._topics[place.topic], place.partition), None)
            consumer.incremental_unassign(places)
        except Exception as failure:  # noqa: BLE001 - the same
            self._failure = failure
