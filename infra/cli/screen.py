"""Standard output: tables as wide as the terminal, wide enough where there is none, and data for programs."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from confluent_kafka import KafkaException
from rich.console import Console

from infra.local.errors import LocalError
from runtime.errors import RuntimeFault

PIPED_COLUMNS = 150
"""A table in a file or a pipe is not cut to 80 columns."""


def screen() -> Console:
    """Standard output."""
    console = Console()
    return console if console.is_terminal else Console(width=PIPED_COLUMNS)


def print_data(facts: Any) -> None:
    """What `--json` prints."""
    sys.stdout.write(json.dumps(facts, indent=2) + "\n")


@contextmanager
def told() -> Iterator[None]:
    """What went wrong, as one sentence on stderr, and exit code 1."""
    try:
        yield
    except (RuntimeFault, LocalError, KafkaException) as fault:
        Console(stderr=True).print(str(fault), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
