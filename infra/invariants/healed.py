"""Once whatever went wrong is over, nothing waits and nothing hangs (I8), and all is decided alike again (I10)."""

from collections.abc import Iterator

import msgspec

from analysis.replay import Difference, Unreplayable, differences, replay
from infra.invariants.history import History, Violation
from schemas.codec import Undecodable

FIELDS = 3
"""Of a record that differs, so many fields are named."""


def at_rest(history: History) -> list[Violation]:
    """I8: the committed records of every partition reach its end."""
    if isinstance(history.open, str):
        return []
    return [
        Violation(
            "I8", each.topic, each.partition, each.stable, "", f"a transaction hangs: the end is {each.end}"
        )
        for each in history.open
    ]


def unrest(history: History) -> str:
    """Why I8 cannot be told: while records wait, the fault may not be over."""
    if isinstance(history.open, str):
        return history.open
    views = 0 if isinstance(history.projection, str) else history.projection.waiting
    waiting = history.waiting + views
    if waiting and not history.open:
        return f"{waiting} records wait for a reader: ask again once the services have caught up"
    return ""


def replayed(history: History) -> list[Violation]:
    """I10: the record topics give every decision and transition once more, byte for byte."""
    if isinstance(history.records, str):
        return []
    try:
        report = replay(history.records)
    except (Unreplayable, Undecodable) as wrong:
        return [Violation("I10", "decisions", -1, -1, "", str(wrong))]
    return [
        Violation("I10", each.topic, each.partition, each.offset, each.lead_id, _said(each))
        for each in report.differing
    ]


def unrecorded(history: History) -> str:
    """Why I10 cannot be told."""
    return history.records if isinstance(history.records, str) else ""


def _said(found: Difference) -> str:
    if found.made is None:
        return "nothing on the log leads to it"
    if found.recorded is None:
        return "is made now, and is not on the log"
    paths = list(_paths(found))
    return "is made otherwise now: " + ", ".join(paths[:FIELDS])


def _paths(found: Difference) -> Iterator[str]:
    plain = msgspec.to_builtins(found.recorded), msgspec.to_builtins(found.made)
    return (path for path, _recorded, _made in sorted(differences(*plain), key=lambda each: each[0]))
