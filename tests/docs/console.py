"""The commands of the pages: read from their `console` blocks, run in one shell a page, held to what is shown."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.docs.parts import PAGES, ROOT

ADDRESS = "http://127.0.0.1:8001"
"""Where the pages say that the API is; a run may have had to take the next port."""

VARIES = "…"
NOT_RUN = {
    "make run": "is what runs: tests/acceptance/conftest.py starts it",
    ".venv/bin/academy stop": "ends what the others need: tests/integration/infra/test_run.py runs it",
    ".venv/bin/academy state rebuild": "needs the services stopped: tests/integration/infra/test_rebuild.py",
    "docker": "needs an engine",
    "mvn": "needs Maven",
    "java": "needs what Maven fetches; tried by hand",
    "kcat": "needs kcat; tried by hand",
    "kaskade": "fills the screen; tried by hand",
    ".venv/bin/academy simulate --page": "takes a quarter of an hour; test_simulation_figures.py writes a page",
    ".venv/bin/academy simulate --world shy.py": "needs the page's own file: test_simulation_figures.py runs it",
}
"""Beginnings of commands that are not run here, and why."""

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_END = "\x1e"


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a page, and the lines that the page shows below it."""

    text: str
    shown: tuple[str, ...]

    @property
    def excuse(self) -> str | None:
        """Why it is not run, if it is not."""
        return next((why for start, why in NOT_RUN.items() if self.text.startswith(start)), None)


@dataclass(frozen=True, slots=True)
class Done:
    """What a command did."""

    command: Command
    code: int
    output: tuple[str, ...]

    @property
    def is_as_shown(self) -> bool:
        """Whether it ended well and wrote what the page says."""
        written = "".join(f"{_squeezed(line)}\n" for line in self.output)
        return self.code == 0 and _pattern(self.command.shown).fullmatch(written) is not None


def commands(page: Path) -> list[Command]:
    """Every command of a page in order; `> ` goes on with it, as a shell asks."""
    return [
        command
        for block in _BLOCK.finditer(page.read_text("utf-8"))
        for command in _commands(block[1].splitlines())
    ]


def pages() -> list[Path]:
    """Those that have a command to run."""
    return [page for page in PAGES if any(command.excuse is None for command in commands(page))]


def run(wanted: list[Command], folder: Path, environment: Mapping[str, str], address: str) -> list[Done]:
    """One shell for all; it stands in `folder`, which looks like a checkout that was set up."""
    _furnish(folder, Path(environment["ACADEMY_DATA_DIR"]))
    script = "".join(f"{command.text}\nprintf '\\n\\036%s\\n' $?\n" for command in wanted)
    done = subprocess.run(
        (shutil.which("bash") or "sh", "-c", script.replace(ADDRESS, address)),
        cwd=folder,
        env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=240,
    )
    return list(_done(wanted, done.stdout.replace(address, ADDRESS)))


def _commands(lines: list[str]) -> Iterator[Command]:
    text, shown = "", list[str]()
    for line in lines:
        if line.startswith("$ "):
            if text:
                yield Command(text, tuple(shown))
            text, shown = line[2:], []
        elif line.startswith(">") and not shown:
            text += f"\n{line[2:]}"
        else:
            shown.append(line)
    yield Command(text, tuple(shown))


def _furnish(folder: Path, data: Path) -> None:
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name, words in (("python", ""), ("academy", "-m infra.cli.app")):
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
        program.chmod(0o700)
    (folder / ".academy").symlink_to(data)


def _done(wanted: list[Command], output: str) -> Iterator[Done]:
    """The output of each command stands before its mark, which has the exit code."""
    parts = output.split(f"\n{_END}")
    before = parts[0]
    for command, part in zip(wanted, parts[1:], strict=False):
        code, _, following = part.partition("\n")
        yield Done(command, int(code), tuple(before.splitlines()))
        before = following


def _pattern(shown: tuple[str, ...]) -> re.Pattern[str]:
    """A line of its own stands for any number of lines, within a line for any text."""
    lines = (
        r"(?:.*\n)*?" if line == VARIES else ".*".join(map(re.escape, _squeezed(line).split(VARIES))) + r"\n"
        for line in shown
    )
    return re.compile("".join(lines))


def _squeezed(line: str) -> str:
    """A table is as wide as its contents."""
    return re.sub(r" +", " ", line).rstrip()
