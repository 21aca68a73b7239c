"""A child's place in the supervisor: its present process, its state, and its record of starts and ends."""

import time
from dataclasses import dataclass
from pathlib import Path

from infra.local.child import Child, Process, State
from infra.local.pace import Pace, pause


@dataclass(frozen=True, slots=True)
class Sight:
    """What the supervisor tells of one child."""

    name: str
    pid: int | None
    state: State


class Slot:
    """Changes only in the supervisor's thread."""

    def __init__(self, child: Child, log: Path) -> None:
        self.child = child
        self.log = log
        self.process: Process | None = None
        self.state: State = "starting"
        self.failures = 0  # starts in a row that did not get ready
        self.waits_for = ""  # what the probe last said
        self._crashes = 0  # ends in a row, ready or not
        self._due = 0.0  # when to start next
        self._since = 0.0  # when it was started, or got ready
        self._asked = 0.0  # when the probe was last asked

    def sight(self) -> Sight:
        """Immutable copy of what matters outside."""
        return Sight(self.child.name, None if self.process is None else self.process.pid, self.state)

    @property
    def wait(self) -> str:
        """Who is waited for, and why as far as it is known."""
        return f"{self.child.name} ({self.waits_for or 'it starts'})"

    def is_due(self) -> bool:
        """Whether it is time to start it."""
        return self.process is None and time.monotonic() >= self._due

    def launch(self) -> Process:
        """Start it now."""
        self.process = Process(self.child, self.log)
        self.state, self._since = "starting", time.monotonic()
        return self.process

    def ask(self, pace: Pace) -> bool:
        """Ask the probe, the more rarely the longer it takes; whether it is ready."""
        now = time.monotonic()
        if now < self._asked + min(pace.idle, max(pace.probe, (now - self._since) / 10)):
            return False
        self._asked = now
        away = self.child.probe()
        self.waits_for = away or ""
        if away is None:
            self.state, self.failures, self._since = "ready", 0, time.monotonic()
        return away is None

    def is_late(self) -> bool:
        """Whether it has had its time to get ready."""
        deadline = self.child.deadline
        return deadline is not None and time.monotonic() - self._since > deadline

    def settle(self, pace: Pace) -> None:
        """Forget its crashes once it was ready for long."""
        if self._crashes and time.monotonic() - self._since > pace.steady:
            self._crashes = 0

    def crashed(self, pace: Pace) -> float:
        """Count an end that nobody asked for; seconds until the next start."""
        self._crashes += 1
        self.failures = 0 if self.state == "ready" else self.failures + 1
        self.state = "restarting"
        wait = pause(self._crashes, pace)
        self._due = time.monotonic() + wait
        return wait

    def release(self) -> Process | None:
        """Take the process out."""
        process, self.process = self.process, None
        return process
