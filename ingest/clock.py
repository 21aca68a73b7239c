"""The ticker: time itself, into every partition, whatever families do or do not."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from domain.events import Tick
from ingest.intake import TOPIC
from runtime.errors import NotReady
from runtime.outlet import Unacknowledged, Writer
from schemas.codec import encode, headers
from schemas.topics import TICK_KEY

Clock = Callable[[], datetime]
RETRY_S = 1.0
"""After a tick that failed: as long as an election takes, for wakes wait for the next tick."""
log = structlog.get_logger()


def wall() -> datetime:
    """The time of day, aware."""
    return datetime.now(UTC)


async def tick(outlet: Writer, topic: str, now: datetime) -> None:
    """One tick to every partition of `topic` at once; raises NotReady or Unacknowledged."""
    event = Tick(now.replace(microsecond=now.microsecond // 1000 * 1000))
    value, said = encode(TOPIC, event), headers(TOPIC, event)
    count = await asyncio.to_thread(outlet.partitions, topic)
    async with asyncio.TaskGroup() as group:
        for partition in range(count):
            group.create_task(outlet.send(topic, TICK_KEY, value, said, partition))


async def ticking(outlet: Writer, topic: str, seconds: float, clock: Clock) -> None:
    """A tick now and every so many seconds until cancelled; one that fails is left out and tried anew soon."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        due += seconds
        try:
            await tick(outlet, topic, clock())
        except* (NotReady, Unacknowledged) as away:
            log.warning("tick_left_out", why=str(away.exceptions[0]))
            due = loop.time() + min(seconds, RETRY_S)
        due = max(due, loop.time())
        await asyncio.sleep(due - loop.time())
