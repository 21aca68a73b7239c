"""How many messages are not handled yet, from what the last fetches told."""

import time

from confluent_kafka import Consumer, TopicPartition


def behind(consumer: Consumer, positions: dict[tuple[str, int], int]) -> int | None:
    """Sum over (topic, partition) of end minus next offset; None while an end is not known yet."""
    lag = 0
    for (topic, number), position in positions.items():
        _low, high = consumer.get_watermark_offsets(TopicPartition(topic, number), cached=True)
        if high < 0:
            return None
        lag += max(0, high - position)
    return lag


def since(written_ms: int) -> float:
    """Seconds since a moment of the epoch in milliseconds; 0 where it is 0, for nothing was written."""
    return max(0.0, time.time() - written_ms / 1000) if written_ms else 0.0
