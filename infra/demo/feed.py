"""Plays stories in lock step: each entry waits until all that followed from the one before is learned.

So every decision sees the same table in every run. Time passes by ticks at the moments when something is due.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.q_learning import Values
from domain.records import Decision, Transition
from domain.states import Lead
from domain.vocabulary import ReviewKind, Verdict
from infra.demo.story import Moment
from infra.demo.telling import told
from ingest.intake import Intake
from runtime.keys import Keyring


@dataclass(slots=True)
class Account:
    """What the system said so far: every answer and transition in order, and each household as it is now."""

    decisions: list[Decision] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    leads: dict[str, Lead] = field(default_factory=dict)
    reviews: Counter[ReviewKind] = field(default_factory=Counter)

    def know(self, lead: Lead) -> None:
        """A household's newer state; what came to the operators' queue with it is counted."""
        before = self.leads.get(lead.lead_id, Lead(lead.lead_id))
        self.reviews.update(review.kind for review in lead.reviews if review not in before.reviews)
        self.leads[lead.lead_id] = lead

    def made(self, lead_id: str) -> list[Decision]:
        """A household's decisions, without the answers that decided nothing."""
        answers = (one for one in self.decisions if one.lead_id == lead_id)
        return [one for one in answers if one.verdict is Verdict.DECISION]


class Stage(Protocol):
    """Where a story is played: over a broker, or in memory."""

    @property
    def account(self) -> Account:
        """What the system said so far."""

    @property
    def values(self) -> Values:
        """The learned values as they stand."""

    def tell(self, intake: Intake) -> None:
        """Write one record; returns when all that follows from it is decided and learned."""

    def due(self) -> datetime | None:
        """The next moment at which time alone changes something."""

    def pass_to(self, at: datetime) -> None:
        """A tick; returns when all that was due by then is decided and learned."""

    def close_at(self, at: datetime) -> None:
        """The last tick, for everybody."""


def play(
    stage: Stage,
    story: Sequence[Moment],
    keys: Keyring,
    until: datetime,
    shown: Callable[[datetime], None] = lambda _at: None,
) -> None:
    """The whole story up to `until`; `shown` hears of every moment that is reached."""
    for moment in story:
        _pass(stage, moment.told, shown)
        shown(moment.told)
        stage.tell(told(moment, stage.account.made(moment.lead_id), keys))
    _pass(stage, until, shown)
    stage.close_at(until)
    shown(until)


def _pass(stage: Stage, until: datetime, shown: Callable[[datetime], None]) -> None:
    while (due := stage.due()) is not None and due <= until:
        shown(due)
        stage.pass_to(due)
