"""Places of root records on `interactions`, as a statement can join them."""

from collections.abc import Collection

from sqlalchemy import ARRAY, BigInteger, Integer, TableValuedAlias, bindparam, column, func

Place = tuple[int, int]
"""Partition and offset of a root record."""


def listed() -> TableValuedAlias:
    """Places as rows of `partition` and `root_offset`; `named` gives a statement its own."""
    return (
        func.unnest(
            bindparam("partitions", type_=ARRAY(Integer)), bindparam("offsets", type_=ARRAY(BigInteger))
        )
        .table_valued(column("partition", Integer), column("root_offset", BigInteger), name="wanted")
        .render_derived()
    )


def named(places: Collection[Place]) -> dict[str, list[int]]:
    """The parameters of a statement over `listed`."""
    return {"partitions": [number for number, _ in places], "offsets": [offset for _, offset in places]}
