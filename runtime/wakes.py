"""When each key's own moment comes: a heap of due times, and the wakes that a tick has released."""

import heapq
from datetime import datetime

from runtime.transform import Wake


class Wakes:
    """The due times of one partition; derived from its states, so it is rebuilt and never stored.

    Entries of the heap are never removed early: one whose state names another moment by then is stale, and
    `due_of` at the time of release decides.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, str]] = []
        self.released: dict[str, Wake] = {}

    def at(self, key: str, due: datetime | None) -> None:
        """The key's moment, as its new state names it; a wake released for the old state is void."""
        self.released.pop(key, None)
        if due is not None:
            heapq.heappush(self._heap, (due, key))

    def release(self, tick: datetime, root_offset: int) -> None:
        """Everything due by the tick becomes a wake, in (due, key) order, stamped with this tick."""
        while self._heap and self._heap[0][0] <= tick:
            due, key = heapq.heappop(self._heap)
            self.released.setdefault(key, Wake(key, due, tick, root_offset))

    def next(self) -> Wake | None:
        """The oldest released wake, taken out."""
        key = next(iter(self.released), None)
        return None if key is None else self.released.pop(key)

    def of(self, key: str) -> Wake | None:
        """This key's released wake, taken out: it comes before the key's next record."""
        return self.released.pop(key, None)
