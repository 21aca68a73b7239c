"""People who asked to be forgotten, beside the rows that records give: seen to every second, each once."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import psycopg
import structlog
from confluent_kafka import KafkaError, Producer

from runtime import clients
from runtime.errors import NotReady
from runtime.settings import Settings
from runtime.transform import Output
from runtime.views import Read
from schemas.codec import encode, headers

log = structlog.get_logger()
Database = psycopg.Connection[Any]
Place = tuple[int, int]
"""Partition and offset of an erasure on `interactions`."""


class Forgetting(Protocol):
    """What is done about them in Postgres; `projections.erasures` does it."""

    def kept(self, database: Database, batch: Sequence[Read]) -> list[Read]:
        """The batch without what it would leave of those who were forgotten; within its transaction."""

    def carry_out(self, database: Database) -> int:
        """Forget whoever is to be forgotten by now, in a transaction of its own; how many they were."""

    def untold(self, database: Database) -> dict[Place, Output]:
        """Receipts that are not written yet."""

    def told(self, database: Database, places: Iterable[Place]) -> None:
        """These are written."""


def forget(forgetting: Forgetting, database: Database, writer: Producer, settings: Settings) -> None:
    """Carry out what is due, and write the receipts; raises NotReady where Kafka does not take one.

    A receipt is noted as written once the broker has it: after a crash it is written again, under the same id.
    """
    if done := forgetting.carry_out(database):
        log.info("erased", count=done)
    receipts = forgetting.untold(database)
    failures = list[str]()

    def delivered(error: KafkaError | None, _message: Any) -> None:
        if error is not None:
            failures.append(error.str())

    for (partition, _offset), receipt in receipts.items():
        writer.produce(
            settings.topic(receipt.topic),
            encode(receipt.topic, receipt.value),
            receipt.key,
            partition,
            headers=[*headers(receipt.topic, receipt.value)],
            on_delivery=delivered,
        )
    if receipts and (writer.flush(clients.CALL_SECONDS) or failures):
        raise NotReady(f"a receipt could not be written: {failures[:1] or 'no answer'}")
    if receipts:
        forgetting.told(database, receipts)
