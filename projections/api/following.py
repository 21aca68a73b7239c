"""How far changes were told: which rows of a look can be told now, and what each of them says."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import RowMapping

from projections.api.changes import Change, Erased, Mark, Vector

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PATIENCE_S = 5.0
"""So long a state waits for its answer: one that became a dead letter must not hold its partition for ever."""
REMEMBERED = 10_000
"""Leads whose decision in force was told, about 200 bytes each; of another one it is told once more."""


@dataclass(slots=True)
class Follower:
    """How far was told, by vector and erasure, and which state without its answer holds its partition since when."""

    vector: Vector = ()
    erased: int = 0
    held: dict[tuple[int, int], float] = field(default_factory=dict)
    _in_force: "OrderedDict[str, str | None]" = field(default_factory=OrderedDict)

    def take(
        self, rows: Sequence[RowMapping], until: Vector, of_each: int, now: float
    ) -> tuple[list[Change], bool]:
        """Move over the rows of one look as far as they can be told; whether more stand behind them.

        `until` is how far the view was, `of_each` the most rows that the look took of a partition, `now` a monotonic
        time in seconds.
        """
        found, more, ends = list[Change](), False, list(until)
        for number, here in _by_partition(rows):
            told = self._tellable(here, now)
            if len(told) < len(here):
                ends[number] = here[len(told)]["state_offset"]
            elif len(here) == of_each:
                ends[number], more = here[-1]["state_offset"] + 1, True
            found += map(self.change, told)
        for number, end in enumerate(ends):
            self._reach(number, end)
        self.held = {place: since for place, since in self.held.items() if self.vector[place[0]] <= place[1]}
        return found, more

    def change(self, row: RowMapping) -> Change:
        """One row as a change, the vector moved over it."""
        self._reach(row["state_partition"], row["state_offset"] + 1)
        lead_id, decision_id = row["lead_id"], row["decision_id"]
        known = self._in_force.pop(lead_id, None)
        self._in_force[lead_id] = decision_id
        if len(self._in_force) > REMEMBERED:
            self._in_force.popitem(last=False)
        news = decision_id if decision_id != known else None
        return Change(lead_id, row["sequence"] or 0, news, self.mark.spelt())

    def erasure(self, row: RowMapping) -> Erased:
        """One row of `erasures` as an event, the mark moved over it."""
        self.erased = max(self.erased, micros(row["destroyed_at"]))
        return Erased(row["lead_id"], row["subject"], self.mark.spelt())

    @property
    def mark(self) -> Mark:
        """How far was told."""
        return Mark(self.vector, self.erased)

    def _tellable(self, rows: list[RowMapping], now: float) -> list[RowMapping]:
        """Those before the first whose answer cannot be read yet."""
        for count, row in enumerate(rows):
            place = (row["state_partition"], row["state_offset"])
            if not row["whole"] and now - self.held.setdefault(place, now) < PATIENCE_S:
                return rows[:count]
        return rows

    def _reach(self, number: int, offset: int) -> None:
        """Never back: a view that is built anew shows what was told before."""
        wide = (*self.vector, *[0] * (number + 1 - len(self.vector)))
        self.vector = (*wide[:number], max(wide[number], offset), *wide[number + 1 :])


def micros(at: datetime) -> int:
    """Microseconds since 1970: as exact as Postgres keeps a time."""
    return (at - EPOCH) // timedelta(microseconds=1)


def _by_partition(rows: Iterable[RowMapping]) -> Iterable[tuple[int, list[RowMapping]]]:
    found: dict[int, list[RowMapping]] = {}
    for row in rows:
        found.setdefault(row["state_partition"], []).append(row)
    return found.items()
