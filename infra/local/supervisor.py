"""Starts children in order, watches them, restarts what crashes, and stops all of them in reverse order.

One thread does all of it: the kernel's promise to end children with their supervisor is made to the thread
that started them.
"""

import contextlib
import selectors
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.local.child import Child, Process, ending
from infra.local.errors import KeepsFailingError, LocalError, StoppedEarlyError
from infra.local.pace import Pace
from infra.local.slot import Sight, Slot

Echo = Callable[[str, str], None]
SUPERVISOR = "supervisor"
MAKE_ROOM = "make room where the data folder is; what runs goes on meanwhile"


def silent(_name: str, _line: str) -> None:
    """Drop a line of a child."""


def unseen(_sights: Sequence[Sight]) -> None:
    """Let a change of state pass."""


class Supervisor:
    """Use as a context: leaving it stops everything that was started."""

    def __init__(
        self,
        logs: Path,
        echo: Echo = silent,
        changed: Callable[[Sequence[Sight]], None] = unseen,
        pace: Pace | None = None,
    ) -> None:
        self._logs, self._echo, self._changed, self._pace = logs, echo, changed, pace or Pace()
        self._slots: list[Slot] = []
        self._told: list[Sight] = []
        self._news = threading.Condition()
        self._stopping = self._asked = self._over = False
        self._failure: LocalError | None = None
        self._unkept: set[str] = set()
        self._bell, self._ringer = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._bell, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, name=SUPERVISOR, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, children: Sequence[Child], say: Callable[[str], None] | None = None) -> None:
        """Start children and wait until all are ready, saying what is waited for; raises if one keeps failing."""
        slots = [Slot(child, self._logs / f"{child.name}.log") for child in children]
        with self._news:
            self._slots.extend(slots)
            self._ring()
            while late := [slot for slot in slots if slot.child.name not in self._ready()]:
                if self._failure is not None:
                    raise self._failure
                if self._stopping:
                    raise StoppedEarlyError(name=late[0].child.name)
                if say is not None:
                    say("waiting for " + ", ".join(slot.wait for slot in late))
                self._news.wait(self._pace.idle)

    def wait(self) -> None:
        """Block until `stop` is called or a child keeps failing, which raises once the rest is down."""
        with self._news:
            while not self._over:  # not join(): a signal's exception must come through whole
                self._news.wait()
        if self._failure is not None:
            raise self._failure
        if not self._asked:
            raise StoppedEarlyError(name=SUPERVISOR)

    def stop(self) -> None:
        """Stop all children; returns when they have ended."""
        with self._news:
            self._asked = self._stopping = True
            self._ring()
        self._thread.join()

    def sights(self) -> list[Sight]:
        """Every child as it was last told to `changed`."""
        with self._news:
            return list(self._told)

    def _ready(self) -> set[str]:
        return {sight.name for sight in self._told if sight.state == "ready"}

    def _ring(self) -> None:
        with contextlib.suppress(OSError):  # closed: the thread has ended
            self._ringer.send(b"!")

    # What follows runs in the supervisor's thread.

    def _run(self) -> None:
        try:
            while not self._stopping:
                for slot in self._present():
                    self._step(slot)
                self._listen(self._patience())
        finally:
            try:
                self._end_all()
            finally:  # whatever went wrong, nobody may wait for this thread for ever
                with self._news:
                    self._over = self._stopping = True
                    self._news.notify_all()

    def _end_all(self) -> None:
        until = time.monotonic() + self._pace.stop
        slots = self._present()[::-1]
        self._end([slot for slot in slots if not slot.child.foundation], until - self._pace.stop_foundation)
        self._end([slot for slot in slots if slot.child.foundation], until)
        self._selector.close()
        self._bell.close()
        self._ringer.close()

    def _present(self) -> list[Slot]:
        with self._news:
            return list(self._slots)

    def _step(self, slot: Slot) -> None:
        process = slot.process
        if process is None:
            if slot.is_due():
                self._selector.register(slot.launch().output, selectors.EVENT_READ, slot)
                self._tell()
            return
        code = process.exit_code()
        if code is not None:
            self._crashed(slot, ending(code))
        elif slot.state == "ready":
            slot.settle(self._pace)
        elif slot.ask(self._pace):
            self._tell()
        elif slot.is_late():
            process.send(signal.SIGKILL)
            self._crashed(slot, f"was not ready in time: {slot.waits_for}")

    def _crashed(self, slot: Slot, how: str) -> None:
        tail = self._release(slot)
        wait = slot.crashed(self._pace)
        if slot.failures >= self._pace.starts:
            self._failure = KeepsFailingError(
                name=slot.child.name, starts=slot.failures, reason=how, log=slot.log, tail="\n" + tail
            )
            self._stopping = True
        else:
            self._echo(SUPERVISOR, f"{slot.child.name} {how}; it starts again in {wait:g} s. Its log ends:")
            for line in tail.splitlines():
                self._echo(SUPERVISOR, f"    {line}")
        self._tell()

    def _release(self, slot: Slot) -> str:
        process = slot.release()
        if process is None:
            return ""
        while process.is_open and self._pump(slot.child.name, process):
            pass
        if process.output in self._selector.get_map():
            self._selector.unregister(process.output)
        process.close()
        return "\n".join(process.tail)

    def _pump(self, name: str, process: Process) -> bool:
        """Pass on what the process wrote; whether it wrote anything."""
        lines = process.lines()
        for line in lines or ():
            self._echo(name, line)
        if lines:
            self._lacks(f"the log of {name}", process.unkept)
        return lines is not None

    def _lacks(self, what: str, error: OSError | None) -> None:
        """Say it once that something cannot be written, and once that it can again; the children go on."""
        if error is not None and what not in self._unkept:
            self._unkept.add(what)
            self._echo(SUPERVISOR, f"{what} cannot be written ({error.strerror}): {MAKE_ROOM}")
        elif error is None and what in self._unkept:
            self._unkept.discard(what)
            self._echo(SUPERVISOR, f"{what} is written again")

    def _listen(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            if key.fileobj is self._bell:
                self._bell.recv(4096)
                continue
            slot: Slot = key.data
            if (
                slot.process is not None
                and self._pump(slot.child.name, slot.process)
                and slot.process.is_open
            ):
                continue
            self._selector.unregister(key.fileobj)  # the end of its output: it has ended or is about to

    def _patience(self) -> float:
        calm = all(
            slot.state == "ready" and slot.process and slot.process.is_open for slot in self._present()
        )
        return self._pace.idle if calm else self._pace.probe

    def _end(self, slots: Sequence[Slot], until: float) -> None:
        running = [slot for slot in slots if slot.process is not None]
        for slot in running:
            if slot.process is not None:
                slot.state = "stopping"
                slot.process.send(slot.child.stop)
                self._tell()
        while any(slot.process and slot.process.exit_code() is None for slot in running):
            if time.monotonic() > until:
                for slot in running:
                    if slot.process is not None:
                        slot.process.send(signal.SIGKILL)
            self._listen(self._pace.probe)
        for slot in slots:
            self._release(slot)
            slot.state = "stopped"
        self._tell()

    def _tell(self) -> None:
        sights = [slot.sight() for slot in self._present()]
        try:
            self._changed(sights)  # first, so that who waits for a state finds it written
        except OSError as error:
            self._lacks("the status", error)
        else:
            self._lacks("the status", None)
        with self._news:
            self._told = sights
            self._news.notify_all()
