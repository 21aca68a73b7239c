"""Who was forgotten: whole households, and each wish with its receipt."""

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, exists, select

from projections.key_tables import erasures


def is_erased(connection: Connection, lead_id: str) -> bool:
    """Whether this household was erased as a whole."""
    chosen = select(erasures.c.lead_id).where(
        erasures.c.lead_id == lead_id, erasures.c.subject.is_(None), erasures.c.destroyed_at.is_not(None)
    )
    return connection.execute(chosen.limit(1)).first() is not None


def erasures_of(connection: Connection, lead_id: str) -> Sequence[RowMapping]:
    """Who of a household asked to be forgotten, latest first; a wish that was told twice is one."""
    first = erasures.alias("first")
    again = exists().where(
        first.c.lead_id == erasures.c.lead_id,
        first.c.event_id == erasures.c.event_id,
        first.c.root_offset < erasures.c.root_offset,
    )
    chosen = select(erasures).where(erasures.c.lead_id == lead_id, ~again)
    return connection.execute(chosen.order_by(erasures.c.requested_at.desc()).limit(100)).mappings().all()
