"""The choice of ports."""

import socket
from collections.abc import Iterator

import pytest

from infra.local import ports
from infra.local.errors import PortBusyError


@pytest.fixture
def busy() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


def test_an_asked_port_that_is_busy_is_refused_with_a_sentence(busy: int) -> None:
    refused = pytest.raises(PortBusyError, match=rf"Port {busy} of ACADEMY_PORT is in use; choose another")
    with refused, ports.public_port(busy):
        pass


def test_an_asked_port_that_is_free_is_taken() -> None:
    [free] = ports.free_ports(1)
    with ports.public_port(free) as port:
        assert port == free


def test_without_asking_the_next_free_port_is_taken(busy: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "DEFAULT_PORT", busy)
    with ports.public_port(None) as port:
        assert busy < port < busy + ports.NEAR


def test_of_two_that_start_at_once_each_has_a_port_of_its_own() -> None:
    """Neither listens yet when the other chooses."""
    with ports.public_port(None) as one, ports.public_port(None) as other:
        assert one != other
        with pytest.raises(PortBusyError), ports.public_port(one):
            pass
    with ports.public_port(one) as again:
        assert again == one


def test_free_ports_are_distinct_and_below_the_ephemeral_range() -> None:
    found = ports.free_ports(50)
    assert len(set(found)) == 50
    assert all(ports.LOWEST <= port <= ports.HIGHEST for port in found)


def test_the_ports_of_the_last_run_are_kept_while_they_are_free() -> None:
    last = ports.free_ports(3)
    assert ports.kept_or_free(last) == last


def test_a_taken_port_of_the_last_run_means_new_ones(busy: int) -> None:
    chosen = ports.kept_or_free([busy, *ports.free_ports(2)])
    assert len(set(chosen)) == 3
    assert busy not in chosen
