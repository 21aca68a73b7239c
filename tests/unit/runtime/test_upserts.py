"""Rows of a batch before they are written: one a key, of each column the last word."""

import sqlalchemy as sa

from runtime.upserts import folded

TABLE = sa.Table(
    "places",
    sa.MetaData(),
    sa.Column("partition", sa.Integer, primary_key=True),
    sa.Column("offset", sa.Integer, primary_key=True),
    *(sa.Column(name, sa.Text) for name in ("told", "read")),
)


def row(offset: int, **columns: str | None) -> dict[str, object]:
    return {"partition": 0, "offset": offset, **columns}


def test_of_one_key_the_last_word_stands() -> None:
    given = [row(1, told="a"), row(1, told="b"), row(1, told=None)]

    assert list(folded(TABLE, given)) == [(("partition", "offset", "told"), [row(1, told=None)])]


def test_rows_of_one_key_that_set_other_columns_become_one() -> None:
    given = [row(1, told="a"), row(1, read="x"), row(1, told="b")]

    (one,) = folded(TABLE, given)

    assert one == (("partition", "offset", "told", "read"), [row(1, told="b", read="x")])


def test_rows_that_set_other_columns_are_written_apart_in_key_order() -> None:
    given = [row(3, told="a"), row(2, read="x"), row(1, told="b")]

    found = dict(folded(TABLE, given))

    assert found["partition", "offset", "told"] == [row(1, told="b"), row(3, told="a")]
    assert found["partition", "offset", "read"] == [row(2, read="x")]
    assert given == [row(3, told="a"), row(2, read="x"), row(1, told="b")], "they stay as they were"
