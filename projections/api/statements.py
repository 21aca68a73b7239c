"""SQL that is built once and sent by the driver itself: several statements in one round trip, on one snapshot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row
from sqlalchemy import Connection, RowMapping, Select
from sqlalchemy.dialects.postgresql.psycopg import dialect

Row = RowMapping | dict[str, Any]
"""Of either way of asking."""

_DIALECT = dialect()  # type: ignore[no-untyped-call] # untyped in the library


@dataclass(frozen=True, slots=True)
class Statement:
    """As the driver takes it: the text, and what is the same each time."""

    text: str
    constants: Mapping[str, Any]


def built(chosen: Select[*tuple[Any, ...]]) -> Statement:
    """Without what its bind parameters are given each time."""
    made = chosen.compile(dialect=_DIALECT)
    given = {name for name, bind in made.binds.items() if bind.required}
    return Statement(str(made), {name: value for name, value in made.params.items() if name not in given})


def fetched(
    connection: Connection, statements: Sequence[Statement], given: Mapping[str, Any]
) -> list[list[dict[str, Any]]]:
    """Rows of each statement, in a transaction that ends here; raises the driver's own errors.

    Building and sending them one by one through SQLAlchemy takes three times as long as Postgres does.
    """
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101 - for the type checker: the engine names this driver
    cursors = [driver.cursor(row_factory=dict_row) for _ in statements]
    with driver.pipeline():
        for cursor, statement in zip(cursors, statements, strict=True):
            cursor.execute(statement.text.encode(), {**statement.constants, **given})
        driver.commit()
    return [cursor.fetchall() for cursor in cursors]
