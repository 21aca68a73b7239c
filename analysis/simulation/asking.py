"""A world whose every answer is checked: what is not in the vocabulary, or fails, is told in one sentence."""

import traceback
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import TypeVar

from analysis.simulation.events import checked, number
from analysis.simulation.worlds import (
    FOLLOW,
    IGNORE,
    REJECT,
    BadWorld,
    Family,
    Happening,
    Outreach,
    Seen,
    World,
)
from domain.actions import ACTIONS

T = TypeVar("T")


class Asked:
    """The world as a run asks it; each method raises BadWorld."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.name = type(world).__name__
        self.days = world.days

    def family(self, ordinal: int, luck: Random) -> Family:
        """A household that arrives within the run."""
        where = f"{self.name}.family"
        family = _asked(where, lambda: self._world.family(ordinal, luck))
        if not isinstance(family, Family):
            raise BadWorld(f"{where} answered {type(family).__name__}: it must be a Family")
        number(family.day, where, "day")
        if family.day >= self.days:
            raise BadWorld(f"{where} answered day={family.day}: a run has {self.days} days, counted from 0")
        return family

    def response(self, family: Family, outreach: Outreach, luck: Random) -> tuple[Happening, ...]:
        """What follows from a contact."""
        where = f"{self.name}.response"
        return checked(_asked(where, lambda: self._world.response(family, outreach, luck)), where)

    def daily(self, family: Family, seen: Seen, luck: Random) -> tuple[Happening, ...]:
        """What happens by itself."""
        where = f"{self.name}.daily"
        return checked(_asked(where, lambda: self._world.daily(family, seen, luck)), where)

    def operator(self, family: Family, outreach: Outreach, luck: Random) -> str:
        """What the operator does with a proposal."""
        where = f"{self.name}.operator"
        does = _asked(where, lambda: self._world.operator(family, outreach, luck))
        if does not in (FOLLOW, REJECT, IGNORE, *ACTIONS):
            raise BadWorld(
                f"{where} answered {does}: it must be {FOLLOW}, {REJECT}, {IGNORE} or an action, one of"
                f" {', '.join(ACTIONS)}"
            )
        return does


def _asked(where: str, ask: Callable[[], T]) -> T:
    try:
        return ask()
    except Exception as error:  # a stranger's class may raise anything; it is told with its line
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(last.filename).name}, line {last.lineno}"
        raise BadWorld(f"{where} failed with {type(error).__name__}: {error} ({place})") from error
