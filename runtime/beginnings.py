"""Where topics begin whose records go after a time: a stored position may lie before that, and nothing is there."""

from collections.abc import Iterable

from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined] # its stubs lack it

from runtime import clients
from runtime.clients import CALL_SECONDS
from runtime.errors import NotReady
from runtime.positions import Place
from runtime.settings import Settings
from schemas.topics import TOPICS


def beginnings(settings: Settings, places: Iterable[Place]) -> dict[Place, int]:
    """The first offset of those of the partitions whose topics forget; asks nothing where there is none."""
    asked = {
        TopicPartition(settings.topic(topic), number): (topic, number)
        for topic, number in places
        if TOPICS[topic].config.get("retention.ms", "-1") != "-1"
    }
    if not asked:
        return {}
    earliest = OffsetSpec.earliest()  # type: ignore[no-untyped-call] # its stubs lack types
    admin = clients.admin(settings)
    try:
        # The metadata is asked for first: a client that knows no broker yet may wait for seconds before it asks.
        admin.list_topics(timeout=CALL_SECONDS)
        found = admin.list_offsets(dict.fromkeys(asked, earliest), request_timeout=CALL_SECONDS)
        return {asked[place]: future.result(CALL_SECONDS).offset for place, future in found.items()}
    except KafkaException as wrong:
        raise NotReady(f"topics do not say where they begin: {wrong.args[0].str()}") from wrong
