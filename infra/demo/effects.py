"""What has followed from a story's records so far, as the topics tell it, and what has yet to come."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from decider.service import build as build_decider
from domain.events import TickEnriched
from domain.records import Decision, Transition
from domain.states import Lead
from domain.threads import Thread
from extractor.service import build as build_extractor
from infra.demo.feed import Account
from runtime.keys import Keyring
from runtime.state import BEGINNING
from schemas.position import Position


class Effects:
    """Grows with every event that is read, in whatever order the topics come.

    `taught` is the last offset of `transitions`, `known` the newest table that the decider wrote down.
    """

    def __init__(self, keys: Keyring) -> None:
        self.account = Account()
        self.taught = self.known = -1
        self._open: set[tuple[int, int, str]] = set()
        self._answered: set[tuple[int, int, str]] = set()
        self._rooted: dict[int, int] = {}
        self._ticked: dict[int, datetime] = {}
        self._due: dict[tuple[str, int, str], datetime] = {}
        self._due_of: dict[str, Callable[[Any], datetime | None] | None] = {
            "threads": build_extractor(keys).due,
            "leads": build_decider(_nothing).due,
        }

    @property
    def are_answered(self) -> bool:
        """Whether everything that the extractor wrote has its answer."""
        return not self._open

    def has_passed(self, partition: int, root: int) -> bool:
        """Whether the extractor has handled the record at this offset of `interactions`."""
        return self._rooted.get(partition, -1) >= root

    def has_ticked(self, partition: int, at: datetime) -> bool:
        """Whether the decider has met a tick of this time or a later one."""
        return self._ticked.get(partition, BEGINNING) >= at

    def is_overdue(self, topic: str, partition: int, at: datetime | None) -> bool:
        """Whether a state on this topic is still to be woken by a tick of this time."""
        found = (due for (of, number, _), due in self._due.items() if (of, number) == (topic, partition))
        return at is not None and any(due <= at for due in found)

    def due(self) -> tuple[datetime, int] | None:
        """The next moment at which time alone changes something, and the lowest partition of those it is in."""
        return min(((at, number) for (_, number, _), at in self._due.items()), default=None)

    def take(self, topic: str, number: int, offset: int, key: str, value: Any) -> None:
        """One event of one of the topics."""
        match value:
            case Position():
                self._place(topic, number, value)
            case Lead() | Thread():
                self._state(topic, number, key, value)
            case Decision():
                self.account.decisions.append(value)
                self._meet(number, value, self._answered, self._open)
            case _ if topic == "transitions":
                self.taught = max(self.taught, offset)
                if isinstance(value, Transition):
                    self.account.transitions.append(value)
            case _:
                self._rooted[number] = max(self._rooted.get(number, -1), value.root_offset)
                if not isinstance(value, TickEnriched):
                    self._meet(number, value, self._open, self._answered)

    def _place(self, topic: str, number: int, position: Position) -> None:
        if topic == "leads":
            self._ticked[number] = position.ticked
            self.known = max(self.known, *position.tables.values())

    def _state(self, topic: str, number: int, key: str, state: Lead | Thread) -> None:
        if isinstance(state, Lead):
            self.account.know(state)
        named = self._due_of[topic]
        due = None if named is None else named(state)
        self._due.pop((topic, number, key), None)
        if due is not None:
            self._due[topic, number, key] = due

    def _meet(
        self, number: int, one: Any, mine: set[tuple[int, int, str]], others: set[tuple[int, int, str]]
    ) -> None:
        """An input and its answer meet, whichever is read first."""
        place = (number, one.root_offset, one.cause_event_id)
        if place in others:
            others.remove(place)
        else:
            mine.add(place)


def _nothing() -> Any:
    raise AssertionError("only a state's due moment is asked")
