"""The stack of one data folder: broker and database, then the services on top, all under one supervisor."""

import json
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from infra.local import jars
from infra.local.child import Child
from infra.local.environment import scrubbed
from infra.local.external import await_answer, external_kafka, external_postgres, without_password
from infra.local.hold import held
from infra.local.kafka import layout_broker
from infra.local.layout import Layout, write_private
from infra.local.pace import Pace
from infra.local.ports import free_ports, kept_or_free
from infra.local.postgres import layout_server
from infra.local.services import Service, ServiceSpec, placed
from infra.local.slot import Sight
from infra.local.status import Row, Status, fresh, write
from infra.local.supervisor import Supervisor
from infra.local.teller import Silent, Teller
from runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where clients find the broker (bootstrap servers) and the database (DSN with its password)."""

    kafka: str
    postgres: str = field(repr=False)


@contextmanager
def infrastructure(layout: Layout, settings: Settings, teller: Teller | None = None) -> Iterator[Addresses]:
    """Broker and database only, for as long as the context lasts; external ones of the settings win."""
    with running(layout, settings, teller) as stack:
        yield stack.begin()


@contextmanager
def running(
    layout: Layout, settings: Settings, teller: Teller | None = None, pace: Pace | None = None
) -> Iterator["Stack"]:
    """An empty stack that has the data folder to itself; everything started on it stops at the end."""
    layout.make()
    with held(layout), Stack(layout, settings, teller or Silent(), pace) as stack:
        yield stack


class Stack:
    """Starts the parts in order and keeps the status file true."""

    def __init__(self, layout: Layout, settings: Settings, teller: Teller, pace: Pace | None = None) -> None:
        self._layout, self._settings, self._teller = layout, settings, teller
        self._status = fresh(layout)
        self._turn = threading.Lock()
        self._external: list[Row] = []
        self._services: tuple[Service, ...] = ()
        self._sights: tuple[Sight, ...] = ()
        self._ports: dict[str, int] = {}
        self._supervisor = Supervisor(layout.logs, teller.echo, self._record, pace)

    def __enter__(self) -> Self:
        self._supervisor.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._supervisor.__exit__(kind, error, trace)

    def begin(self) -> Addresses:
        """Start the broker and the database, or wait for the external ones."""
        self._ports = self._choose_ports()
        found = Addresses(self._kafka(), self._postgres())
        self._update(kafka=found.kafka, postgres=without_password(found.postgres))
        return found

    def serve(
        self,
        specs: Sequence[ServiceSpec],
        addresses: Addresses,
        port: int,
        between: Callable[[], object] | None = None,
    ) -> str:
        """Start the services and wait until all are ready; gives the URL of the public address.

        What is done `between` finds all but the public one ready.
        """
        url = f"http://127.0.0.1:{port}"
        self._update(api=url, ingest=url)
        self._services = tuple(placed(specs, port, free_ports(len(specs))))
        given = {
            "ACADEMY_KAFKA": addresses.kafka,
            "ACADEMY_POSTGRES": addresses.postgres,
            "ACADEMY_PORT": str(port),
            "ACADEMY_DATA_DIR": str(self._layout.data_dir),
        }
        children = [(service, service.child(given)) for service in self._services]
        if between is not None:
            self._serve([child for service, child in children if not service.spec.public])
            between()
            children = [(service, child) for service, child in children if service.spec.public]
        self._serve([child for _, child in children])
        return url

    def wait(self) -> None:
        """Block until the supervisor ends; raises if a child kept failing."""
        self._supervisor.wait()

    def stop(self) -> None:
        """Stop everything."""
        self._supervisor.stop()

    @property
    def status(self) -> Status:
        """What the status file says now."""
        return self._status

    def _kafka(self) -> str:
        if self._settings.kafka is not None:
            external = external_kafka(self._settings.kafka)
            with self._teller.step(f"kafka at {external.address}"):
                await_answer(external, self._settings.start_deadline, self._teller.say)
            self._external.append(Row("kafka", None, "external", _port_of(self._settings.kafka)))
            return self._settings.kafka
        with self._teller.step("fetch Kafka's jars"):
            class_path = jars.ensure(self._layout, self._teller.say)
        broker = layout_broker(self._layout, class_path, (self._ports["kafka"], self._ports["controller"]))
        with self._teller.step("format Kafka"):
            broker.format(scrubbed(os.environ))
        self._start(broker.child(scrubbed(os.environ), self._settings.start_deadline))
        return broker.address

    def _postgres(self) -> str:
        if self._settings.postgres is not None:
            dsn = self._settings.postgres.get_secret_value()
            external = external_postgres(dsn)
            with self._teller.step(f"postgres at {external.address}"):
                await_answer(external, self._settings.start_deadline, self._teller.say)
            self._external.append(Row("postgres", None, "external", urlsplit(external.address).port))
            return dsn
        server = layout_server(self._layout, self._ports["postgres"])
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
        with self._teller.step("prepare Postgres"):
            server.prepare(environment)
        self._start(server.child(environment, self._settings.start_deadline))
        return server.dsn

    def _serve(self, children: Sequence[Child]) -> None:
        with self._teller.step(f"ready: {', '.join(child.name for child in children)}"):
            self._supervisor.start(children, self._teller.say)

    def _start(self, child: Child) -> None:
        with self._teller.step(child.name):
            self._supervisor.start([child])

    def _choose_ports(self) -> dict[str, int]:
        names, file = ("kafka", "controller", "postgres"), self._layout.ports
        last = json.loads(file.read_text()) if file.exists() else {}
        ports = dict(zip(names, kept_or_free([int(last.get(name, 0)) for name in names]), strict=True))
        write_private(file, json.dumps(ports))
        return ports

    def _record(self, sights: Sequence[Sight]) -> None:
        self._sights = tuple(sights)
        self._update()

    def _update(self, **facts: Any) -> None:
        with self._turn:  # the supervisor's thread and the main one both know something new
            rows = (*self._external, *(row for sight in self._sights for row in self._rows(sight)))
            self._status = replace(self._status, services=rows, **facts)
            write(self._layout, self._status)

    def _rows(self, sight: Sight) -> list[Row]:
        for service in self._services:
            if service.spec.name == sight.name:
                return service.rows(sight)
        return [Row(sight.name, sight.pid, sight.state, self._ports.get(sight.name))]


def _port_of(bootstrap: str) -> int:
    return int(bootstrap.split(",", maxsplit=1)[0].rpartition(":")[2])
