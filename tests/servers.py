"""Where a run's broker and database come from: the environment, else containers, else the embedded stack."""

import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from infra.local import hold
from infra.local.external import await_answer, external_kafka, external_postgres
from infra.local.kafka import BEHAVIOUR, SINGLE_NODE
from infra.local.layout import Layout
from infra.local.ports import free_ports
from infra.local.stack import Addresses, infrastructure
from runtime.settings import Settings

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

COMPOSE = Path(__file__).parents[1] / "compose.yaml"
LOOPBACK = "127.0.0.1"
# An engine that is there answers a ping in milliseconds, and a run without one should not notice the question.
PING_SECONDS = 1.0
# From a container's start; its image is pulled before.
START_SECONDS = 90.0
PASSWORD = "loopback-only"

Servers = Callable[[], AbstractContextManager[Addresses]]


def servers() -> AbstractContextManager[Addresses]:
    """The first kind that this machine has."""
    return next(start for start, away in KINDS.items() if away() is None)()


@contextmanager
def given() -> Iterator[Addresses]:
    """Those that the environment names; where it names one only, the other is embedded."""
    with _stack(Settings()) as addresses:
        yield addresses


@contextmanager
def contained() -> Iterator[Addresses]:
    """Containers of the images of `compose.yaml`, listening on loopback."""
    kafka_port, postgres_port = free_ports(2)
    kafka = f"{LOOPBACK}:{kafka_port}"
    dsn = f"postgresql://academy:{PASSWORD}@{LOOPBACK}:{postgres_port}/academy"
    login = {"POSTGRES_USER": "academy", "POSTGRES_PASSWORD": PASSWORD}
    with (
        _container("kafka", broker_environment(kafka), (kafka_port, kafka_port)),
        _container("postgres", login, (5432, postgres_port)),
    ):
        for external in (external_kafka(kafka), external_postgres(dsn)):
            await_answer(external, START_SECONDS, lambda _: None)
        yield Addresses(kafka, dsn)


@contextmanager
def embedded() -> Iterator[Addresses]:
    """Both from packages, whatever the environment names."""
    with _stack(Settings(kafka=None, postgres=None)) as addresses:
        yield addresses


def unnamed() -> str | None:
    """Why the environment's are not to be had."""
    settings = Settings()
    named = settings.kafka is not None or settings.postgres is not None
    return None if named else "neither ACADEMY_KAFKA nor ACADEMY_POSTGRES is set"


def engine_away() -> str | None:
    """Why containers are not to be had: no Docker engine of this machine answers."""
    address = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    scheme, _, path = address.partition("://")
    if scheme != "unix":  # containers elsewhere would not listen on this loopback
        return f"the Docker engine at {address} is not reached by a socket of this machine"
    try:
        answer = _ping(path)
    except OSError as error:
        return f"no Docker engine answers at {path}: {error}"
    return None if b" 200 " in answer else f"what answers at {path} is no Docker engine that serves"


def nothing() -> None:
    """The embedded stack is to be had everywhere."""


KINDS: dict[Servers, Callable[[], str | None]] = {given: unnamed, contained: engine_away, embedded: nothing}
"""Each kind and why this machine has it not, the preferred one first."""


def broker_environment(address: str) -> dict[str, str]:
    """The embedded broker's properties as the image takes them, for clients that find it at `address`."""
    port = address.rpartition(":")[2]
    properties = {
        **SINGLE_NODE,
        **BEHAVIOUR,
        "listeners": f"BROKER://:{port},CONTROLLER://:9093",
        "advertised.listeners": f"BROKER://{address}",
        "controller.quorum.voters": "1@localhost:9093",
    }
    return {f"KAFKA_{name.upper().replace('.', '_')}": value for name, value in properties.items()}


def _ping(path: str) -> bytes:
    """The first line of what the engine says; httpx leaves the socket open where it cannot connect."""
    with socket.socket(socket.AF_UNIX) as engine:
        engine.settimeout(PING_SECONDS)
        engine.connect(path)
        engine.sendall(b"GET /_ping HTTP/1.1\r\nHost: engine\r\nConnection: close\r\n\r\n")
        return engine.recv(1024).partition(b"\r\n")[0]


@contextmanager
def _stack(settings: Settings) -> Iterator[Addresses]:
    with tempfile.TemporaryDirectory(prefix="academy-tests-") as folder:
        layout = Layout.at(Path(folder) / "data")
        try:
            with infrastructure(layout, settings) as addresses:
                yield addresses
        finally:
            hold.remove_all(layout)


def _container(service: str, environment: dict[str, str], ports: tuple[int, int]) -> "DockerContainer":
    """A container of a service's image; `ports` are its own and the one of loopback."""
    from testcontainers.core.container import DockerContainer  # a run without an engine need not load it

    image = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"][service]["image"]
    container = DockerContainer(image, env=environment)
    bound: dict[str, Any] = container.ports  # docker takes an address with a port, which that type leaves out
    bound[f"{ports[0]}/tcp"] = (LOOPBACK, ports[1])
    return container
