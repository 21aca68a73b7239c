"""Who is alive in a consumer group; what a group rests on is not changed under its members."""

import time

from confluent_kafka.admin import AdminClient

from runtime.clients import CALL_SECONDS
from runtime.errors import RuntimeFault
from runtime.settings import Settings

PLACE_SECONDS = 13.0
"""A member's session and a little more: after that, whoever is in the group is alive."""


class StillRunning(RuntimeFault):
    """A copy of the service runs that would not know of the change."""


def refuse_while_running(admin: AdminClient, settings: Settings, name: str, then: str) -> None:
    """Raises StillRunning; a copy that has just ended keeps its place until its session is over: that is waited for."""
    deadline = time.monotonic() + PLACE_SECONDS
    while count := members(admin, settings, name):
        if time.monotonic() > deadline:
            raise StillRunning(f"{count} copies of {name} run; stop them first, then {then}")
        time.sleep(0.5)


def members(admin: AdminClient, settings: Settings, name: str) -> int:
    """How many there are."""
    group = settings.topic(name)
    found = admin.describe_consumer_groups([group], request_timeout=CALL_SECONDS)[group].result()
    return len(found.members)
