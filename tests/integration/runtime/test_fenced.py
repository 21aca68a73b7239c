"""Who loses its slot in the middle of a transaction hears of it while it produces, and gives way."""

import time
from collections.abc import Iterator
from functools import partial

import pytest

from runtime import clients
from runtime.errors import Fenced
from runtime.settings import Settings
from runtime.transaction import Transactions, Watchdog
from runtime.transform import Emit

EMIT = Emit("decisions", 0, b"fam-1", b"never committed", [])
SECONDS = 20.0


def test_who_is_fenced_while_it_produces_gives_way(settings: Settings) -> None:
    slot = clients.transactional_id(settings, "decider")
    first = Transactions(partial(clients.transactional, settings, "decider"), slot, settings, Watchdog())
    first.start()

    def emits() -> Iterator[Emit]:
        yield EMIT
        clients.transactional(settings, "decider").init_transactions(SECONDS)
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            time.sleep(0.01)
            yield EMIT

    member = clients.reader(settings)
    with pytest.raises(Fenced, match=slot):
        first.commit(emits(), [], member)
    member.close()
    first.close()
