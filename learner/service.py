"""Transitions to learned values: one partition owns a whole table and folds it in one total order."""

import math
from collections.abc import Iterator
from typing import Any

from domain.actions import ACTIONS
from domain.buckets import named
from domain.q_learning import NO_VALUES, Marker, Values, changed, fold, row_key, with_rows
from domain.records import TableCreated, Transition
from domain.vocabulary import Bucket, Status
from runtime.errors import Rejected
from runtime.service import run
from runtime.settings import Settings
from runtime.transform import Output, Record, Transform, Wake

STATES = frozenset(named(status, bucket) for status in Status for bucket in Bucket)
"""All that a table may have rows of."""


class TableChanges:
    """One commit of a table: the rows that changed, then the marker that ends them."""

    def records(self, key: str, before: Values | None, after: Values) -> Iterator[tuple[str, Any]]:
        """Rows and marker; `previous` is the version that the last commit ended with."""
        known = before or NO_VALUES
        rows = list(changed(known, after))
        for state, action, row in rows:
            yield row_key(key, state, action), row
        rates = (after.alpha, after.gamma, after.alpha_power, after.gamma_day)
        yield key, Marker(after.version, known.version, len(rows), *rates)

    def restore(self, states: dict[str, Values], key: str, value: Any) -> None:
        """A row waits in its table until the marker gives the version."""
        table = key.split("|", maxsplit=1)[0]
        values = states.get(table, NO_VALUES)
        if isinstance(value, Marker):
            states[table] = with_rows(values, (), value, table)
        else:
            rates = (values.alpha, values.gamma, values.alpha_power, values.gamma_day)
            marker = Marker(values.version, values.version, 1, *rates)
            states[table] = with_rows(values, [(key, value)], marker, table)


def handle(state: Values | None, record: Record | Wake) -> tuple[Values, tuple[Output, ...]]:
    """Fold one transition; its offset is the table's new version."""
    assert isinstance(record, Record)  # noqa: S101 - a table names no due moment
    if state is None and not isinstance(record.value, TableCreated):
        raise Rejected(f"table {record.key} was never created")
    if isinstance(record.value, Transition):
        _check(record.value)
    return fold(state or NO_VALUES, record.value, record.offset), ()


def _check(event: Transition) -> None:
    """Raises Rejected for what could only have come from outside: such a row would stay in the table for ever."""
    if not math.isfinite(event.reward):
        raise Rejected("the reward is not a number")
    for state in (event.from_state, event.to_state):
        if state not in STATES:
            raise Rejected(f"a state is one of {', '.join(Status)}, a colon, and one of {', '.join(Bucket)}")
    for action in (event.action, *event.next_actions):
        if action is not None and action not in ACTIONS:
            raise Rejected(f"an action is one of {', '.join(ACTIONS)}")


def build() -> Transform[Values]:
    """`transitions` into `q-table`, which is both the output and the state."""
    return Transform(
        name="learner",
        sources=("transitions",),
        changelog="q-table",
        handle=handle,
        changes=TableChanges(),
        commit_seconds=0.2,
    )


def main() -> None:
    """Run until asked to stop."""
    run(lambda _metrics: build(), Settings())
