"""A stock consumer that knows nothing of this project but the registry routes."""

import io
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import fastavro
import httpx
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition
from confluent_kafka.admin import AdminClient

PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Seen:
    """One committed message: raw, and decoded where the value has the Confluent frame."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: dict[str, bytes]
    event: Any


@dataclass
class Stranger:
    """Reads every topic of a broker, read_committed, with schemas asked of the API by id."""

    kafka: str
    api: str
    schemas: dict[int, Any] = field(default_factory=dict)

    def topics(self) -> list[str]:
        known = AdminClient({"bootstrap.servers": self.kafka}).list_topics(timeout=PATIENCE).topics
        return sorted(name for name in known if not name.startswith("__"))

    def read(self, topic: str) -> list[Seen]:
        """Everything that is committed on the topic now, in order by partition."""
        consumer = Consumer(
            {
                "bootstrap.servers": self.kafka,
                "group.id": "a-stranger",
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
            }
        )
        try:
            partitions = consumer.list_topics(topic, timeout=PATIENCE).topics[topic].partitions
            consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
            found = list(self._until_end(consumer, set(partitions)))
        finally:
            consumer.close()
        return sorted(found, key=lambda seen: (seen.partition, seen.offset))

    def _until_end(self, consumer: Consumer, open_partitions: set[int]) -> Iterator[Seen]:
        deadline = time.monotonic() + PATIENCE
        while open_partitions:
            assert time.monotonic() < deadline, f"no end of {open_partitions}"
            message = consumer.poll(0.2)
            if message is None:
                continue
            error = message.error()
            if error is None:
                yield self._seen(message)
            else:
                assert error.code() == KafkaError._PARTITION_EOF, error
                open_partitions.discard(message.partition() or 0)

    def _seen(self, message: Any) -> Seen:
        value = message.value()
        return Seen(
            topic=message.topic(),
            partition=message.partition(),
            offset=message.offset(),
            key=message.key(),
            value=value,
            headers=dict(message.headers() or ()),
            event=self._decoded(value) if value else None,
        )

    def _decoded(self, value: bytes) -> Any:
        assert value[0] == 0, "every value has the Confluent frame"
        number = int.from_bytes(value[1:5], "big")
        if number not in self.schemas:
            answer = httpx.get(f"{self.api}/schemas/ids/{number}", timeout=PATIENCE).raise_for_status()
            self.schemas[number] = fastavro.parse_schema(json.loads(answer.json()["schema"]))
        return fastavro.schemaless_reader(io.BytesIO(value[5:]), self.schemas[number], None)
