"""What a service knows of a whole partition, kept in its changelog under a reserved key."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Position:
    """Partition time, the last tick with its root offset, and the table versions that decisions have used.

    `next_offset` is that of the source, committed in the same transaction as the group's own; None in a record
    that was written before there was one.
    """

    time: datetime
    ticked: datetime
    root_offset: int
    tables: dict[str, int] = field(default_factory=dict)
    next_offset: int | None = None
