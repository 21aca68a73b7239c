"""The views that there are, and how large each is."""

from dataclasses import dataclass

import psycopg

from projections import search
from projections.connections import in_schema
from projections.event_tables import lead_search
from projections.service import build
from runtime.errors import NotReady
from runtime.settings import Settings
from runtime.views import View

_SIZE = """
SELECT coalesce((SELECT n_live_tup FROM pg_stat_user_tables WHERE relid = to_regclass(%s)), 0),
       coalesce(pg_total_relation_size(to_regclass(%s)), 0)
"""


@dataclass(frozen=True, slots=True)
class Size:
    """One view: its topics, about how many rows, and its bytes with indexes."""

    view: str
    topics: tuple[str, ...]
    rows: int
    bytes: int


def known() -> list[View]:
    """Every view by its table and topics; the rows of what is searched need keys, which nobody has here."""
    return [*build(), View(lead_search, dict.fromkeys(search.TOPICS, lambda _record: ()))]


def sizes(settings: Settings) -> list[Size]:
    """Raises NotReady where Postgres does not answer."""
    if settings.postgres is None:
        raise NotReady("ACADEMY_POSTGRES is not set: name a database, or use `academy run`")
    dsn = in_schema(settings.postgres.get_secret_value(), settings.schema_name)
    try:
        with psycopg.connect(dsn) as database:
            return [_size(database, view) for view in known()]
    except psycopg.OperationalError as away:
        raise NotReady(f"Postgres does not answer ({type(away).__name__})") from away


def _size(database: "psycopg.Connection[tuple[int, int]]", view: View) -> Size:
    name = view.table.name
    row = database.execute(_SIZE, (name, name)).fetchone()
    rows, size = row or (0, 0)
    return Size(name, tuple(view.rows), rows, size)
