"""Looks now and then whether topics are still there: a group that loses one goes on with the rest in silence."""

import time
from collections.abc import Sequence

from confluent_kafka import Consumer, KafkaError, KafkaException

from runtime.errors import Misconfigured

LOOK_SECONDS = 10.0
"""Between two looks; each asks for the metadata of these topics only."""

ANSWER_SECONDS = 1.0
"""How long a broker may take to answer: while it is away the service waits elsewhere."""


class Presence:
    """Of the topics that one consumer reads."""

    def __init__(self, topics: Sequence[str]) -> None:
        self._topics, self._next = topics, time.monotonic() + LOOK_SECONDS

    def look(self, consumer: Consumer) -> None:
        """Raises Misconfigured where one was deleted."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + LOOK_SECONDS
        for topic in self._topics:
            try:
                error = consumer.list_topics(topic, timeout=ANSWER_SECONDS).topics[topic].error
            except KafkaException:
                return  # the broker is away: that says nothing of the topic
            if error is not None and error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
                raise Misconfigured(
                    f"topic {topic} was deleted while the service ran; restore it, or begin under another prefix"
                )
