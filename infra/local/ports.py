"""Which TCP ports the local stack listens on, all of them on the loopback address."""

import random
import socket
from contextlib import ExitStack

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


def public_port(asked: int | None) -> int:
    """Port of the one public address; raises `PortBusyError` if it was asked for and is taken."""
    if asked is not None:
        if not is_free(asked):
            raise PortBusyError(port=asked)
        return asked
    for port in range(DEFAULT_PORT, DEFAULT_PORT + NEAR):
        if is_free(port):
            return port
    raise NoPortFreeError(first=DEFAULT_PORT, last=DEFAULT_PORT + NEAR - 1)


def _binds(sock: socket.socket, port: int) -> bool:
    # As servers do: a connection in TIME_WAIT does not make a port busy, a listener does.
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True
