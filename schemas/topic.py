"""What a topic of the catalogue is, and the lives that topics have."""

from dataclasses import dataclass, field
from typing import Literal

TABLE_PARTITIONS = 4
"""At most so many partitions for learning tables: one partition owns a whole table."""

Placement = Literal["leads", "tables", "one"]


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic; `placement` says which topics share key, partitioner and partition count."""

    name: str
    about: str
    key: str
    placement: Placement
    written_by: tuple[str, ...]
    read_by: tuple[str, ...]
    events: dict[str, type]
    config: dict[str, str] = field(default_factory=dict)

    def partitions(self, leads: int) -> int:
        """Partition count, given the count of the co-partitioned lead topics."""
        return {"leads": leads, "tables": min(leads, TABLE_PARTITIONS), "one": 1}[self.placement]


FOR_EVER = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}
COMPACTED = {
    "cleanup.policy": "compact",
    "min.compaction.lag.ms": "60000",
    "max.compaction.lag.ms": "3600000",
    "min.cleanable.dirty.ratio": "0.1",
    "delete.retention.ms": "86400000",
    "segment.ms": "600000",
    "segment.bytes": "16777216",
}
MONTH = {"cleanup.policy": "delete", "retention.ms": str(30 * 86_400_000)}
DAY = {"cleanup.policy": "delete", "retention.ms": "86400000", "segment.ms": "3600000"}
"""For words in clear: a segment goes once its newest record is a day old, so nothing stays for longer than 25 h."""
APPENDED = {"message.timestamp.type": "LogAppendTime"}
"""The broker's own time, which no sender can set."""
