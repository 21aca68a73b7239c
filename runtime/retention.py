"""How long words are kept, by kind of event: each month's are sealed under keys of their own, destroyed in their time.

Where a kind is kept for ever, its words are under their person's own key, as everything else is.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from runtime.settings import Settings

Kind = Literal["interaction", "act"]
"""Conversations; and words of operators and references of the academy's systems."""

_DATED = re.compile(r"[^@]+@(interaction|act)\.(\d{4})-(\d{2})")


@dataclass(frozen=True, slots=True)
class Retention:
    """Days that words of a kind are kept at the least; a kind that is not named, for ever."""

    days: Mapping[Kind, int] = field(default_factory=dict)

    def dated(self, subject: str, kind: Kind | None, at: datetime) -> str:
        """Whose key seals words of this kind, told at this moment: the subject's own, or theirs of that month."""
        if kind is None or kind not in self.days:
            return subject
        return f"{subject}@{kind}.{at.astimezone(UTC):%Y-%m}"

    def over(self, subjects: Iterable[str], now: datetime) -> Iterator[str]:
        """Those of the dated subjects whose time is over: the month has ended, and the days after it have passed."""
        for subject in subjects:
            found = _DATED.fullmatch(subject)
            if found is None:
                continue
            kind, year, month = found[1], int(found[2]), int(found[3])
            ends = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
            days = self.days.get("interaction" if kind == "interaction" else "act")
            if days is not None and ends + timedelta(days=days) <= now:
                yield subject


FOR_EVER = Retention()


def retention_of(settings: Settings) -> Retention:
    """How long the settings keep words."""
    named: tuple[tuple[Kind, int | None], ...] = (
        ("interaction", settings.keep_interactions_days),
        ("act", settings.keep_acts_days),
    )
    return Retention({kind: days for kind, days in named if days is not None})
