"""A learned table put by, to be decided from while learning goes on (P1, L6)."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.q_learning import Row, Values


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """One pair as the snapshot values it: `q` is what it is worth at the least, as far as is known."""

    state: str
    action: str
    q: float
    visits: int
    pseudo_visits: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One version of a frozen policy: greedy by these values, whatever is learned meanwhile.

    `table_version` is the `transitions` offset up to which the table had learned; `width` is the penalty that every
    value carries after one visit, in units of reward.
    """

    version: int
    recorded_at: datetime
    table_id: str
    table_version: int
    width: float
    rows: tuple[SnapshotRow, ...]


def taken(values: Values, version: int, recorded_at: datetime, width: float) -> Snapshot:
    """The table as it stands, each value less `width` / sqrt(visits and pseudo-visits).

    The penalty is that of lower confidence bounds in batch learning: Rashidinejad et al., Bridging Offline
    Reinforcement Learning and Imitation Learning (2021).
    """
    rows = tuple(_pessimistic(values, width))
    return Snapshot(version, recorded_at, values.table_id, values.version, width, rows)


def frozen(snapshot: Snapshot) -> Values:
    """The snapshot as a table to look values up in; it learns nothing."""
    rows: dict[str, dict[str, Row]] = {}
    for each in snapshot.rows:
        row = Row(each.q, each.visits, each.pseudo_visits, 0.0, snapshot.table_version)
        rows.setdefault(each.state, {})[each.action] = row
    return Values(snapshot.table_id, snapshot.table_version, 0.0, 0.0, rows)


def _pessimistic(values: Values, width: float) -> Iterator[SnapshotRow]:
    for state, action, row in sorted(values, key=lambda found: found[:2]):
        known = row.visits + row.pseudo_visits
        penalty = width / math.sqrt(known) if known else 0.0
        yield SnapshotRow(state, action, row.q - penalty, row.visits, row.pseudo_visits)
