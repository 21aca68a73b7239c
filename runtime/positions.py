"""How far a projection has applied each partition, kept beside its rows and moved in their transaction."""

from collections.abc import Iterable, Mapping
from typing import Any

import psycopg

from runtime.errors import Fenced

Place = tuple[str, int]
"""Topic of the catalogue, and partition."""

_BEGIN = (
    "INSERT INTO positions (projection, topic, partition, next_offset)"
    " SELECT %s, topic, partition, 0 FROM unnest(%s::text[], %s::int[]) AS place (topic, partition)"
    " ON CONFLICT DO NOTHING"
)
_READ = "SELECT topic, partition, next_offset FROM positions WHERE projection = %s"
_MOVE = (
    "UPDATE positions AS known SET next_offset = place.after"
    " FROM unnest(%s::text[], %s::int[], %s::bigint[], %s::bigint[]) AS place (topic, partition, before, after)"
    " WHERE known.projection = %s AND known.topic = place.topic AND known.partition = place.partition"
    " AND known.next_offset = place.before RETURNING known.topic, known.partition"
)


def stored(database: psycopg.Connection[Any], projection: str, places: Iterable[Place]) -> dict[Place, int]:
    """Where each partition of the projection begins; one that was never read begins at 0."""
    wanted = list(places)
    with database.transaction():
        database.execute(
            _BEGIN, (projection, [topic for topic, _ in wanted], [number for _, number in wanted])
        )
        rows = database.execute(_READ, (projection,)).fetchall()
    return {(topic, partition): offset for topic, partition, offset in rows}


def move(
    database: psycopg.Connection[Any],
    projection: str,
    before: Mapping[Place, int],
    after: Mapping[Place, int],
) -> None:
    """Compare and set: raises Fenced where a position is not where we left it, so that another owner has it."""
    topics, partitions = [topic for topic, _ in after], [number for _, number in after]
    offsets = [before[place] for place in after], list(after.values())
    moved = set(database.execute(_MOVE, (topics, partitions, *offsets, projection)).fetchall())
    for topic, partition in after.keys() - moved:
        known = before[topic, partition]
        raise Fenced(f"another copy moved the position of {topic}/{partition} past {known}")
