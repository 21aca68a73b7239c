"""Shows the catalogue: as lines for a terminal (`make flow`), and as the tables of docs/topics.md."""

import sys
from collections.abc import Iterable

from schemas.registry import Schema, schemas
from schemas.topic import Topic
from schemas.topics import TOPICS

HEADING = ("topic", "written by", "read by", "key")
HOUR_MS = 3_600_000


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


def topic_table(topics: Iterable[Topic], leads: int) -> str:
    """Markdown: what is on each topic, how it is placed and kept; `leads` is the count of the lead topics."""
    rows = (
        (
            f"`{one.name}`",
            one.about,
            one.key.replace("|", "\\|"),
            str(one.partitions(leads)),
            kept(one),
            ", ".join(one.written_by),
            ", ".join(one.read_by),
        )
        for one in topics
    )
    return table(("topic", "what is on it", "key", "partitions", "kept", "written by", "read by"), rows)


def event_table(found: Iterable[Schema]) -> str:
    """Markdown: every event with its newest schema and an example, linked from a folder beside `schemas`."""
    newest = {each.subject: each for each in sorted(found, key=lambda each: each.version)}
    ordered = sorted(newest.values(), key=lambda each: (list(TOPICS).index(each.topic), each.event))
    rows = []
    for each in ordered:
        name = f"{each.topic}.{each.event}.v{each.version}"
        links = (f"[schema](../schemas/avro/{name}.avsc)", f"[example](../schemas/examples/{name}.json)")
        rows.append((f"`{each.topic}`", f"`{each.event}`", str(each.version), str(each.id), *links))
    return table(("topic", "event", "version", "schema id", "fields", "one of them"), rows)


def kept(topic: Topic) -> str:
    """How long its records stay, in words."""
    if topic.config.get("cleanup.policy") == "compact":
        return "the latest of each key"
    hours = int(topic.config["retention.ms"]) // HOUR_MS
    if hours < 0:
        return "for ever"
    return f"{hours // 24} days" if hours % 24 == 0 and hours > 24 else f"{hours} h"


def table(heading: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [heading, tuple("---" for _ in heading), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def parts() -> dict[str, str]:
    """The tables of docs/topics.md by name."""
    return {"topics": topic_table(TOPICS.values(), leads=12), "events": event_table(schemas().values())}


if __name__ == "__main__":
    sys.stdout.write(flow(TOPICS.values()))
