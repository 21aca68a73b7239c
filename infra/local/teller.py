"""What a person sees of a stack: steps with their times, progress, and the children's lines."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from rich.console import Console
from rich.text import Text

COLOURS = ("cyan", "green", "magenta", "yellow", "blue", "bright_cyan", "bright_green", "bright_magenta")
# Without a terminal, progress is printed as lines: one in so many seconds.
LINE_EVERY = 2.0
NAME_WIDTH = 12


class Teller(Protocol):
    """Where the stack's words go."""

    def say(self, text: str) -> None:
        """Progress within a step; the next one replaces it."""

    def echo(self, name: str, line: str) -> None:
        """A line of a child's output."""

    def step(self, name: str) -> AbstractContextManager[None]:
        """Time what happens inside; nothing is told of a step that fails."""
        ...


class Silent:
    """Says nothing: for tests, which have the log files."""

    def say(self, text: str) -> None:
        """Drop it."""

    def echo(self, name: str, line: str) -> None:
        """Drop it."""

    @contextmanager
    def step(self, name: str) -> Iterator[None]:  # noqa: ARG002 - as the protocol
        """Time nothing."""
        yield


class Screen(Console):
    """Standard output that goes quiet once nobody reads it: a closed window must not end what is running."""

    def on_broken_pipe(self) -> None:
        """Write to nowhere from now on, where rich would leave the program."""
        self.quiet = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


class Terminal:
    """Writes to a screen: coloured with a moving status line on a terminal, plain lines elsewhere."""

    def __init__(self, screen: Screen) -> None:
        self._console = screen
        self._status = screen.status("starting")
        self._names: dict[str, str] = {}
        self._said = 0.0
        self._turn = threading.Lock()

    def say(self, text: str) -> None:
        """Show progress."""
        if self._console.is_terminal:
            self._status.update(text)
        elif time.monotonic() - self._said > LINE_EVERY:
            self._said = time.monotonic()
            self.print(text)

    def echo(self, name: str, line: str) -> None:
        """Print a child's line behind its name."""
        with self._turn:  # the supervisor's thread and the main one both speak
            colour = self._names.setdefault(name, COLOURS[len(self._names) % len(COLOURS)])
            self._put(Text.assemble((f"{name:<{NAME_WIDTH}}", colour), f"| {line}"))

    def print(self, text: str) -> None:
        """Print a line of the stack's own."""
        with self._turn:
            self._put(Text(text))

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Print the step's name and seconds once it is done."""
        begun = time.monotonic()
        if self._console.is_terminal:
            self._status.start()
            self._status.update(name)
        try:
            yield
        finally:
            self._status.stop()
        self.print(f"{name:<40} {time.monotonic() - begun:6.1f} s")

    def _put(self, text: Text) -> None:
        try:
            self._console.print(text, soft_wrap=True)
        except OSError:  # a terminal that is gone answers with an input/output error
            self._console.on_broken_pipe()
