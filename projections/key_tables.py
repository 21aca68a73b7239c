"""The tables beside the views: who is to be forgotten, everybody's keys, and where all of it comes from."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    func,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from projections.metadata import METADATA, moment

erasures = Table(
    "erasures",
    METADATA,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("root_offset", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", Text, nullable=False),
    Column("lead_id", Text, nullable=False),
    Column("subject", Text, comment="of one person; null: the whole household"),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column(
        "destroyed_at", DateTime(timezone=True), comment="once the decider had answered, like what follows"
    ),
    Column("receipt", JSONB, comment="as on the topic"),
    moment("told_at"),
    Index(None, "lead_id"),
    Index("erasures_untold", "root_offset", postgresql_where=text("told_at IS NULL")),
)
"""Who asked to be forgotten, and what became of it."""

keys = Table(
    "keys",
    METADATA,
    Column("subject", Text, primary_key=True),
    Column("key_id", Text, nullable=False, unique=True),
    Column("wrapped", LargeBinary),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    moment("destroyed_at"),
    Index(None, "destroyed_at", postgresql_where=text("destroyed_at IS NOT NULL")),
)
"""One key a subject, wrapped by the master key; `wrapped` is null once destroyed."""

master_check = Table(
    "master_check",
    METADATA,
    Column("only", Boolean, primary_key=True, server_default=true()),
    Column("fingerprint", Text, nullable=False),
    Column("sample", LargeBinary, nullable=False),
    CheckConstraint('"only"', name="master_check_one_row"),
)
"""Its one row says which master key wraps the subjects' keys."""

origin = Table(
    "origin",
    METADATA,
    Column("only", Boolean, primary_key=True, server_default=true()),
    Column("cluster", Text, nullable=False),
    CheckConstraint('"only"', name="origin_one_row"),
)
"""Its one row says which Kafka cluster the rows of this schema come from."""
