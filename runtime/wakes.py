"""When each key's own moment comes: a heap of due times, and the wakes that a tick has released."""

import heapq
from datetime import datetime

from runtime.transform import Wake


class Wakes:
    """The due times of one partition; derived from its states, so it is rebuilt and never stored.

    The heap keeps moments that a newer state has replaced; they are skipped when their time comes.
    """

    def __init__(self, dues: dict[str, datetime]) -> None:
        self._due = dues
        self._heap = [(due, key) for key, due in dues.items()]
        heapq.heapify(self._heap)
        self._released: dict[str, Wake] = {}

    def __len__(self) -> int:
        """Wakes that a tick has released and nobody has taken."""
        return len(self._released)

    @property
    def timed(self) -> int:
        """Keys whose moment is still to come, or has come and was not taken."""
        return len(self._due) + len(self._released)

    def at(self, key: str, due: datetime | None) -> None:
        """The key's moment, as its new state names it; a wake released for the old state is void."""
        self._released.pop(key, None)
        if due is None:
            self._due.pop(key, None)
        elif self._due.get(key) != due:
            self._due[key] = due
            heapq.heappush(self._heap, (due, key))

    def release(self, tick: datetime, root_offset: int) -> None:
        """Everything due by the tick becomes a wake, in (due, key) order, stamped with this tick."""
        while self._heap and self._heap[0][0] <= tick:
            due, key = heapq.heappop(self._heap)
            if self._due.get(key) == due:
                del self._due[key]
                self._released[key] = Wake(key, due, tick, root_offset)

    def next(self) -> Wake | None:
        """The oldest released wake, taken out."""
        key = next(iter(self._released), None)
        return None if key is None else self._released.pop(key)

    def put_back(self, wake: Wake) -> None:
        """A wake that could not be handled comes first again."""
        self._released = {wake.key: wake, **self._released}

    def of(self, key: str) -> Wake | None:
        """This key's released wake, taken out: it comes before the key's next record."""
        return self._released.pop(key, None)
