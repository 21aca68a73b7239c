"""Prints who writes and who reads each topic, from the catalogue; `make flow` shows it."""

import sys
from collections.abc import Iterable

from schemas.topics import TOPICS, Topic

HEADING = ("topic", "written by", "read by", "key")


def flow(topics: Iterable[Topic]) -> str:
    """A line for each topic, in the catalogue's order."""
    lines = [
        HEADING,
        *((one.name, ", ".join(one.written_by), ", ".join(one.read_by), one.key) for one in topics),
    ]
    name, writers, readers = (max(len(line[column]) for line in lines) for column in range(3))
    return "".join(
        f"{line[0]:{name}}  {line[1]:>{writers}} -> {line[2]:{readers}}  {line[3]}\n" for line in lines
    )


if __name__ == "__main__":
    sys.stdout.write(flow(TOPICS.values()))
