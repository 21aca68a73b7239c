"""The stage over a real broker: each record is written, then everything that follows from it is waited for."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from domain.events import Tick
from domain.q_learning import Values
from infra.demo.feed import Account
from infra.demo.following import Following
from infra.demo.placing import quiet
from ingest.intake import TOPIC, Intake
from runtime.errors import NotReady
from runtime.keys import Keys
from runtime.outlet import Outlet, Written
from runtime.settings import Settings
from runtime.state import BEGINNING
from schemas.codec import encode, headers
from schemas.topics import TICK_KEY

ACK_SECONDS = 30.0
LOOKS = 100
"""Ticks that ask the decider what it knows; each takes as long as an answer."""
MILLISECOND, MICROSECOND = timedelta(milliseconds=1), timedelta(microseconds=1)


class KafkaStage:
    """Plays to the services that run under the settings' prefix."""

    def __init__(
        self, settings: Settings, outlet: Outlet, following: Following, leads: Iterable[str]
    ) -> None:
        self._settings, self._outlet, self._following = settings, outlet, following
        numbers = range(outlet.partitions(settings.topic(TOPIC)))
        self._reached = dict.fromkeys(numbers, BEGINNING)
        self._quiet = quiet(leads, len(numbers))

    @property
    def account(self) -> Account:
        """What the system said so far."""
        return self._following.effects.account

    @property
    def values(self) -> Values:
        """The learned values as they stand."""
        return self._following.values

    def tell(self, intake: Intake) -> None:
        """Write one record; returns when all that follows from it is decided and learned."""
        at = intake.event.recorded_at
        self._await_known(at)
        written = self._write(intake.key, intake.value, intake.headers)
        self._reached[written.partition] = at
        self._following.settled(written.partition, written.offset)

    def due(self) -> datetime | None:
        """The next moment at which time alone changes something."""
        found = self._following.effects.due()
        return None if found is None else found[0]

    def pass_to(self, at: datetime) -> None:
        """A tick to each partition in which something is due by then, one partition after the other."""
        while (found := self._following.effects.due()) is not None and found[0] <= at:
            self._tick(at, found[1])

    def close_at(self, at: datetime) -> None:
        """The last tick, to every partition."""
        for number in self._reached:
            self._tick(at, number)

    def _await_known(self, at: datetime) -> None:
        """Ticks just before `at`, until the decider has written down that it knows all that was learned.

        They go where no family is, so that their number is nowhere in an answer; one partition tells it for all,
        since the story is played to one decider.
        """
        for left in range(LOOKS, 0, -1):
            if self._following.is_known:
                return
            before = max(at - left * MILLISECOND, self._reached[self._quiet] + MICROSECOND)
            self._write_tick(before, self._quiet)
            self._following.ticked(self._quiet, before)
        raise NotReady("the decider does not read what the learner wrote; its log says why")

    def _tick(self, at: datetime, partition: int) -> None:
        if self._reached[partition] < at:  # another one would be dropped, and answered by nothing
            self._await_known(at)
            written = self._write_tick(at, partition)
            self._following.settled(partition, written.offset, at)

    def _write_tick(self, at: datetime, partition: int) -> Written:
        self._reached[partition] = at
        tick = Tick(at)
        return self._write(TICK_KEY, encode(TOPIC, tick), headers(TOPIC, tick), partition)

    def _write(
        self, key: str, value: bytes, said: list[tuple[str, bytes]], partition: int | None = None
    ) -> Written:
        return self._outlet.write(self._settings.topic(TOPIC), key, value, said, partition).result(
            ACK_SECONDS
        )


@contextmanager
def kafka_stage(settings: Settings, leads: Iterable[str]) -> Iterator[tuple[KafkaStage, Keys]]:
    """A stage for these families, for as long as the context lasts, with the keyring that seals what is said on it."""
    keys = Keys(settings)
    following = Following(settings, keys)
    try:
        following.start()
        with Outlet(settings) as outlet:
            yield KafkaStage(settings, outlet, following, leads), keys
    finally:
        following.close()
        keys.close()
