"""Where tables are printed: as wide as the terminal, and wide enough where there is none."""

from rich.console import Console

PIPED_COLUMNS = 150
"""A table in a file or a pipe is not cut to 80 columns."""


def screen() -> Console:
    """Standard output."""
    console = Console()
    return console if console.is_terminal else Console(width=PIPED_COLUMNS)
