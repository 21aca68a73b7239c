"""What all tables of one schema share."""

from sqlalchemy import Column, DateTime, MetaData

METADATA = MetaData(naming_convention={"ix": "%(table_name)s_%(column_0_N_name)s"})


def moment(name: str) -> Column[object]:
    """A nullable time with its zone."""
    return Column(name, DateTime(timezone=True))
