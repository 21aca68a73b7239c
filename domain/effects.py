"""What an input does to a household before anything is chosen: it is noted, or what to do next is open again.

Deciding goes on from here with learned values, a rebuild of state with the answer that was recorded.
"""

from dataclasses import dataclass

from domain.states import Lead
from domain.transitions import Cause, Passage, Taught
from domain.vocabulary import Verdict


@dataclass(frozen=True, slots=True)
class Noted:
    """Nothing is decided: the household after the input, what is said of it, and the reminders that are due with it.

    `repeats` is the event that the verdict is about where that is not its cause.
    """

    lead: Lead
    cause: Cause
    verdict: Verdict
    reason: str
    reminders: tuple[str, ...] = ()
    repeats: str | None = None


@dataclass(frozen=True, slots=True)
class Reopened:
    """What was in force is over and has taught; `reason` says what was odd about the cause."""

    passage: Passage
    taught: Taught
    reason: str | None = None
    reminders: tuple[str, ...] = ()


Effect = Noted | Reopened
