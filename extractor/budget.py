"""A limit of dollars a day on what a model is asked; beyond it the rules read (E4)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from domain.asked import Asked
from domain.vocabulary import Failure
from extractor.port import Model, Reply, Request
from extractor.pricing import NANOS


@dataclass(slots=True)
class Budget:
    """What one process may spend in a UTC day; what others spend meanwhile it does not see.

    Questions that are open when the limit is reached are still paid: at most as many as may be open at once.
    """

    dollars: float
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _spent: dict[date, int] = field(default_factory=dict, init=False)

    def known(self, earlier: Iterable[Asked]) -> None:
        """Count what the log says was spent today, by whichever copy: how a restart goes on."""
        for asked in earlier:
            if asked.asked_at is not None and asked.asked_at.astimezone(UTC).date() == self._today:
                self.add(asked.cost_nanos)

    def add(self, nanos: int) -> None:
        """So much more was spent; yesterday is forgotten."""
        self._spent = {self._today: self._spent.get(self._today, 0) + nanos}

    @property
    def midnight(self) -> datetime:
        """When today began, in UTC."""
        return self.clock().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)

    @property
    def lasts(self) -> bool:
        """Whether something may still be asked today."""
        return self._spent.get(self._today, 0) < self.dollars * NANOS

    @property
    def _today(self) -> date:
        return self.midnight.date()


def within(budget: Budget, model: Model) -> Model:
    """The model, for as long as the budget lasts."""

    async def ask(request: Request) -> Reply:
        if not budget.lasts:
            return Reply(None, Failure.BUDGET)
        reply = await model.ask(request)
        budget.add(model.terms.nanos(reply.used))
        return reply

    return replace(model, ask=ask)
