"""Experiment 7: the network swallows the answers to commits, resets connections, and stalls the group coordinator."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.local.ports import free_ports
from runtime.settings import Settings
from tests.broker import eventually
from tests.faults.conftest import Table
from tests.faults.own import broker, system
from tests.faults.pipeline import Load, answered, begun, kept
from tests.faults.proxy import Harm, Proxy
from tests.faults.watch import Watch

HARMED = 4
"""Commits that lose their answer."""
STALLED_SECONDS = 16.0
"""Longer than a session and than a call may last."""
FAULT_SECONDS = 120.0


@contextmanager
def between(settings: Settings, protocol: str, folder: Path) -> Iterator[tuple[Proxy, Settings]]:
    """A broker that is only to be found through the proxy."""
    (port,) = free_ports(1)
    with broker(folder / "own", advertised=port) as own, Proxy(own.port, port) as proxy:
        yield proxy, system(settings, f"127.0.0.1:{port}", protocol)


def swallows(proxy: Proxy) -> int:
    """The broker commits, and nobody is told."""
    return done(proxy.swallowed)


def resets(proxy: Proxy) -> int:
    """The connection breaks before the broker is asked, then after it has done what was asked."""
    return done(proxy.lost) + done(proxy.cut_off)


def done(harm: Harm) -> int:
    """So many as were really harmed, once they were."""
    harm.left = HARMED
    eventually(lambda: harm.done == HARMED, "commits are harmed", FAULT_SECONDS)
    return harm.done


def stalls(proxy: Proxy) -> int:
    """Everything goes on but the group coordinator."""
    proxy.stall(stalled=True)
    eventually(lambda: proxy.stalled > 0, "a request is stalled", FAULT_SECONDS)
    time.sleep(STALLED_SECONDS)
    proxy.stall(stalled=False)
    return proxy.stalled


@pytest.mark.parametrize(
    ("what", "harm"),
    [
        ("the answers to commits are swallowed", swallows),
        ("connections are reset around commits", resets),
        ("the group coordinator alone is stalled", stalls),
    ],
    ids=["swallowed", "reset", "stalled"],
)
def test_7_the_network_fails(
    what: str,
    harm: Callable[[Proxy], int],
    settings: Settings,
    protocol: str,
    table: Table,
    tmp_path: Path,
) -> None:
    with (
        between(settings, protocol, tmp_path) as (proxy, own),
        Watch(own).watching() as watch,
        kept(own, tmp_path),
    ):
        load = Load(own)
        with load.steady():
            begun(watch)
            fired = harm(proxy)
            begun(watch, watch.answered + 60)
        answered(watch, load)
        table.closes(f"7 {what}", own, watch, fired)
