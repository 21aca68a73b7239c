"""Our own services as children: how each is started, and the rows it is listed as."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from infra.local.child import Child
from infra.local.environment import scrubbed
from infra.local.probes import service_away
from infra.local.slot import Sight
from infra.local.status import Row


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """A service to run: its name for `academy service NAME`, the rows of the status, and what it is given."""

    name: str
    listed_as: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    # Beginnings of the names of environment variables that it may see; the extractor adds `OPENAI_`.
    passes: tuple[str, ...] = ("ACADEMY_",)
    # Names that it is not given though they begin so: who never opens a word gets nothing that could.
    withheld: tuple[str, ...] = ()
    # Whether it listens on the public address, where its health is too.
    public: bool = False
    # What to run instead of `academy service NAME`.
    command: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """A specification with its port of health."""

    spec: ServiceSpec
    port: int

    def child(self, given: Mapping[str, str]) -> Child:
        """The service as a program to supervise; `given` is the environment that all services get."""
        own = {"PYTHONUNBUFFERED": "1"}
        if not self.spec.public:
            own["ACADEMY_HEALTH_PORT"] = str(self.port)
        seen = scrubbed(os.environ, self.spec.passes, {**given, **own, **self.spec.env})
        default = (sys.executable, "-m", "infra.cli.app", "service", self.spec.name)
        return Child(
            name=self.spec.name,
            command=self.spec.command or default,
            environment={name: text for name, text in seen.items() if name not in self.spec.withheld},
            probe=partial(service_away, self.port),
        )

    def rows(self, sight: Sight) -> list[Row]:
        """Its rows in the status."""
        return [Row(name, sight.pid, sight.state, self.port, has_health=True) for name in self.spec.listed_as]


def placed(specs: Sequence[ServiceSpec], public_port: int, ports: Sequence[int]) -> list[Service]:
    """Give each service its port: the public one or the next of `ports`."""
    spare = iter(ports)
    return [Service(spec, public_port if spec.public else next(spare)) for spec in specs]
