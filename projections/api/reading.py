"""One snapshot of the views, and how a reader is told that it cannot be had."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from projections.api import erasure_queries
from runtime.problems import Problem, invalid, unavailable


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One snapshot of the views.

    Raises the 503 problem while Postgres is away or slower than its limit, and 422 for what it cannot compare. It
    ends by a commit: after a rollback the driver prepares every statement anew.
    """
    try:
        with engine.connect() as connection:
            try:
                yield connection
            except Problem:
                connection.commit()
                raise
            connection.commit()
    except (OperationalError, PoolExhausted, psycopg.OperationalError) as error:
        raise unavailable("Postgres is away or overloaded; the same request may be sent again.") from error
    except (DataError, psycopg.DataError) as error:
        raise invalid(("query", "holds a value out of range")) from error


def absent(connection: Connection, lead_id: str, what: str = "lead") -> Problem:
    """410 where the household was erased, else 404."""
    if erasure_queries.is_erased(connection, lead_id):
        return Problem(
            410, "erased", "This household was erased; its receipt is at /api/leads/{lead_id}/erasures."
        )
    return missing(what)


def missing(what: str) -> Problem:
    """404; the id is not repeated."""
    return Problem(404, "not-found", f"There is no such {what} here, or not yet.")
