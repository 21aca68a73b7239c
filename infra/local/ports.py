"""Which TCP ports the local stack listens on, all of them on the loopback address."""

import random
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from infra.local.errors import NoPortFreeError, PortBusyError
from infra.local.settings import DEFAULT_PORT

# Below Linux's ephemeral range, so that no outgoing connection takes a port between choice and use.
LOWEST, HIGHEST = 20_000, 31_999
# How far the search for the next free port goes: a person's browser should find it by counting up.
NEAR = 100
TRIES = 500


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        return _binds(probe, port)


def free_ports(count: int) -> list[int]:
    """Distinct free ports, drawn at random so that stacks starting at once do not meet."""
    found: list[int] = []
    draw = random.Random()  # noqa: S311 - collisions are the only concern
    with ExitStack() as held:
        for _ in range(TRIES):
            if len(found) == count:
                return found
            port = draw.randint(LOWEST, HIGHEST)
            if port not in found and _binds(held.enter_context(socket.socket()), port):
                found.append(port)
    raise NoPortFreeError(first=LOWEST, last=HIGHEST)


def kept_or_free(wanted: list[int]) -> list[int]:
    """The ports of the last run where all are still free, else as many others."""
    if len(set(wanted)) == len(wanted) and all(is_free(port) for port in wanted):
        return wanted
    return free_ports(len(wanted))


@contextmanager
def public_port(asked: int | None) -> Iterator[int]:
    """Port of the one public address; raises `PortBusyError` if it was asked for and is taken.

    It is claimed for as long as the context lasts: of two systems that start at once neither listens yet.
    """
    last = DEFAULT_PORT + NEAR - 1
    for port in range(DEFAULT_PORT, last + 1) if asked is None else (asked,):
        claim = _claimed(port) if is_free(port) else None
        if claim is not None:
            with claim:
                yield port
            return
    if asked is not None:
        raise PortBusyError(port=asked)
    raise NoPortFreeError(first=DEFAULT_PORT, last=last)


def _claimed(port: int) -> socket.socket | None:
    """A name that Linux gives one process at a time and takes back at its end; None if another process has it."""
    claim = socket.socket(socket.AF_UNIX)
    try:
        if sys.platform == "linux":
            claim.bind(f"\0academy-outreach-{port}")
    except OSError:
        claim.close()
        return None
    return claim


def _binds(sock: socket.socket, port: int) -> bool:
    # As servers do: a connection in TIME_WAIT does not make a port busy, a listener does.
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True
