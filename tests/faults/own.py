"""A broker of an experiment's own, for what must not happen to the one that all tests share."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra import topics
from infra.configuration import configure
from infra.local import jars
from infra.local.environment import scrubbed
from infra.local.kafka import Broker
from infra.local.layout import Layout
from infra.local.pace import Pace
from infra.local.ports import free_ports
from infra.local.supervisor import Supervisor
from runtime.checks import await_kafka
from runtime.settings import Settings
from tests.faults.conftest import prepared

START_SECONDS = 60.0
PATIENT = Pace(longest_pause=2.0, starts=1000)
"""A broker that cannot start is tried again for as long as the experiment goes on."""


@dataclass(frozen=True)
class OwnBroker(Broker):
    """One that clients find at another port than its own, or whose log stands elsewhere."""

    advertised: int = 0
    data: Path | None = None

    @property
    def properties(self) -> dict[str, str]:
        """Those of the embedded broker, bent."""
        bent = dict(super().properties)
        if self.advertised:
            bent["advertised.listeners"] = f"BROKER://127.0.0.1:{self.advertised}"
        if self.data is not None:
            bent["log.dirs"] = str(self.data)
        return bent


@contextmanager
def broker(folder: Path, advertised: int = 0, data: Path | None = None) -> Iterator[OwnBroker]:
    """It runs, and is started again when it ends, for as long as the context lasts."""
    layout = Layout.at(folder)
    layout.make()
    port, controller = free_ports(2)
    class_path = tuple(jars.ensure(layout, lambda _line: None))
    own = OwnBroker(layout.kafka, class_path, port, controller, advertised, data)
    environment = scrubbed(os.environ)
    own.format(environment)
    with Supervisor(layout.logs, pace=PATIENT) as supervisor:
        supervisor.start([own.child(environment, START_SECONDS)])
        yield own


def system(shared: Settings, kafka: str, protocol: str) -> Settings:
    """A configured prefix on another broker, beside the database that all tests share."""
    made = shared.model_copy(update={"kafka": kafka, "topic_prefix": f"t{uuid.uuid4().hex[:8]}-"})
    topics.apply(made, await_kafka(made))
    configure(made, enrolment_from="stated")
    return prepared(made, protocol)
