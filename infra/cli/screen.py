"""Standard output: tables as wide as the terminal, wide enough where there is none, and data for programs."""

import json
import sys
from typing import Any

from rich.console import Console

PIPED_COLUMNS = 150
"""A table in a file or a pipe is not cut to 80 columns."""


def screen() -> Console:
    """Standard output."""
    console = Console()
    return console if console.is_terminal else Console(width=PIPED_COLUMNS)


def print_data(facts: Any) -> None:
    """What `--json` prints."""
    sys.stdout.write(json.dumps(facts, indent=2) + "\n")
