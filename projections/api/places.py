"""Places of root records on `interactions`, as a statement can join them."""

from collections.abc import Collection

from sqlalchemy import ARRAY, BigInteger, Integer, TableValuedAlias, column, func, literal

Place = tuple[int, int]
"""Partition and offset of a root record."""


def listed(places: Collection[Place]) -> TableValuedAlias:
    """The places as rows of `partition` and `root_offset`."""
    return (
        func.unnest(
            literal([partition for partition, _ in places], ARRAY(Integer)),
            literal([offset for _, offset in places], ARRAY(BigInteger)),
        )
        .table_valued(column("partition", Integer), column("root_offset", BigInteger), name="wanted")
        .render_derived()
    )
