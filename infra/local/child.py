"""One supervised program: what to run, and one start of it with its output."""

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from infra.local.probes import Probe

State = Literal["starting", "ready", "restarting", "stopping", "stopped"]

LAUNCHER = Path(__file__).with_name("launch.py")
# A log file is cut at this size and one older is kept, so that a month of running fills no disk.
LOG_BYTES = 5_000_000
TAIL_LINES = 15
CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Child:
    """A program to keep running, and how to tell that it is ready."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    probe: Probe
    user: str | None = None
    stop: signal.Signals = signal.SIGTERM
    # What the kernel sends if the supervisor dies.
    orphaned: signal.Signals = signal.SIGKILL
    # Seconds until a start that is not ready counts as failed; None: it may take as long as it takes.
    deadline: float | None = None
    # Stopped last, after everything that uses it.
    foundation: bool = False


class Process:
    """One start of a child; it writes the child's output to its log file and gives it line by line."""

    def __init__(self, child: Child, log: Path) -> None:
        launch = (str(os.getpid()), str(int(child.orphaned)), child.user or "-")
        self._popen = subprocess.Popen(
            (sys.executable, "-I", "-S", str(LAUNCHER), *launch, *child.command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            env=dict(child.environment),
            start_new_session=True,  # so that Ctrl-C in the terminal reaches the supervisor only
        )
        if self._popen.stdout is None:
            raise AssertionError("stdout is a pipe")
        self.output = self._popen.stdout
        os.set_blocking(self.output.fileno(), False)
        self.pid = self._popen.pid
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self.is_open = True  # until the end of its output
        self.unkept: OSError | None = None  # why its log could not be written, until it can
        self._log = log
        self._rest = b""

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._popen.poll()

    def send(self, which: signal.Signals) -> None:
        """Signal it, if it still runs."""
        self._popen.send_signal(which)

    def lines(self) -> list[str] | None:
        """What it has written since the last call, line by line; None if nothing was there to read.

        A log that cannot be written, as on a full disk, holds nobody up: `unkept` says why.
        """
        written: bytes | None = self.output.read(CHUNK)
        if written is None:
            return None
        if written:
            *whole, self._rest = (self._rest + written).split(b"\n")
        else:
            self.is_open = False
            whole, self._rest = [self._rest] if self._rest else [], b""
        texts = [line.decode(errors="replace").rstrip("\r") for line in whole]
        self.tail.extend(texts)
        try:
            _append(self._log, texts)
        except OSError as error:
            self.unkept = error
        else:
            self.unkept = None if texts else self.unkept
        return texts

    def close(self) -> None:
        """Let go of a program that has ended."""
        self._popen.wait()
        self.output.close()


def ending(code: int) -> str:
    """How a program ended, in words."""
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def _append(log: Path, texts: list[str]) -> None:
    if not texts:
        return
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a") as file:
        file.writelines(f"{text}\n" for text in texts)
