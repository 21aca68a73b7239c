"""What a world is: who the families are, how they answer, what happens by itself, and what operators do.

A world says everything in the words of `domain/vocabulary.py`; chance comes only from the `luck` that it is given.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

FOLLOW, REJECT, IGNORE = "follow", "reject", "ignore"
"""What an operator does with a proposal, unless it is the name of another action, which is carried out instead."""


class BadWorld(ValueError):
    """A world cannot be used; says which, what is wrong with it, and how to mend it."""


@dataclass(frozen=True, slots=True)
class Family:
    """A household as only its world knows it; no policy ever sees this."""

    kind: str
    day: float = 0.0
    """Of its first record, counted from the start of the run."""
    traits: Mapping[str, float] = field(default_factory=dict)
    """Whatever else the world wants to remember of it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A household as the academy sees it, at one moment of the run."""

    day: float
    """Since the start of the run."""
    age: float
    """Days since the family's first record."""
    hour: int
    """Of the day where the family lives."""
    status: str
    bucket: str
    status_days: float
    """Days since the status last moved."""
    contacts: int
    """Carried out so far, those of operators included."""
    last_action: str | None
    """Of the last contact."""


@dataclass(frozen=True, slots=True)
class Outreach(Seen):
    """A contact that is about to be carried out; status and bucket are those that it was decided on."""

    action: str
    channel: str
    open_actions: frozenset[str]
    """What the masks allowed when it was decided."""


@dataclass(frozen=True, slots=True)
class Said:
    """The family speaks: at once (in the call itself), or some hours later, of its own accord or as an answer.

    A sign-up is followed by the enrolment of the academy's records one hour later.
    """

    after_hours: float = 0.0
    channel: str | None = None
    """Absent: that of the contact, or a text message."""
    intent: str = "unclear"
    sentiment: str = "neutral"
    concern: str = "none"
    """The level of financial concern."""
    objections: Sequence[str] = ()
    """Classes of topics."""
    addressed: Sequence[str] = ()
    """Classes of topics that no longer stand in the way."""
    signals: Sequence[str] = ()
    """Classes of additional signals, of moderate urgency."""
    questions: int = 0
    deciders: int = 0
    """Others whose yes is missing."""
    siblings: int = 0
    signed_up: bool = False
    opt_out: bool = False


@dataclass(frozen=True, slots=True)
class Recorded:
    """The academy's records: `enrolled`, `attended`, `missed`, `paid`, `payment_missed` or `refunded`."""

    what: str
    after_hours: float = 0.0


Happening = Said | Recorded


class World(Protocol):
    """The seam: `family` and `response` are a world's own, the rest has defaults for those that derive from this.

    `luck` is seeded by the run, the family and the occasion (its n-th contact, its n-th proposal, its n-th day),
    never by the policy or the action: two policies meet the same families and have the same luck with them.
    """

    days: int = 90
    """Length of a run; families that arrive late are followed for less."""
    tuning: bool = False
    """Constants may be chosen in this world; then nothing is claimed from it."""

    @abstractmethod
    def family(self, number: int, luck: Random) -> Family:
        """The household with this number, counted from 0."""

    @abstractmethod
    def response(self, family: Family, outreach: Outreach, luck: Random) -> Sequence[Happening]:
        """What follows from a contact; nothing is silence: a call not answered, a message without reply."""

    def daily(self, family: Family, seen: Seen, luck: Random) -> Sequence[Happening]:  # noqa: ARG002 - a default
        """What happens by itself on this day of the family's, whatever the academy does."""
        return ()

    def operator(self, family: Family, outreach: Outreach, luck: Random) -> str:  # noqa: ARG002 - a default
        """What the operator does with a proposed contact: `follow`, `reject`, `ignore`, or another action."""
        return FOLLOW
