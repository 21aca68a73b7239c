"""How many messages are not handled yet, from what the last fetches told."""

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
