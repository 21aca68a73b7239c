"""Tables of one row an event, which sums and lists are asked of; each can be built again from the log."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Double,
    Index,
    Integer,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from projections.metadata import METADATA

contacts = Table(
    "contacts",
    METADATA,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("root_offset", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", Text, nullable=False),
    Column("lead_id", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, comment="when it took place"),
    Column("channel", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("guardian_id", Text),
    Column("decision_id", Text, comment="that it carried out, as its sender says"),
    Index(None, "lead_id", "at", "root_offset"),
)
"""Every contact that the limits count (C1, C3)."""

readings = Table(
    "readings",
    METADATA,
    Column("event_id", Text, primary_key=True),
    Column("day", Date, nullable=False, comment="in UTC"),
    Column("model", Text, nullable=False, comment="that was meant to read"),
    Column("channel", Text, nullable=False),
    Column("messages", Integer, nullable=False, comment="of a conversation by SMS; else 0"),
    Column("fallback", Integer, nullable=False, comment="1 where rules read in the model's place"),
    Column("calls", Integer, nullable=False),
    Column("tokens_in", BigInteger, nullable=False),
    Column("tokens_cached", BigInteger, nullable=False),
    Column("tokens_out", BigInteger, nullable=False),
    Column("nanos", BigInteger, nullable=False, comment="billionths of a US dollar"),
    Column("failure", Text),
    Index(None, "day"),
)
"""What each reading has cost."""

status_steps = Table(
    "status_steps",
    METADATA,
    Column("transition_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("table_id", Text, nullable=False),
    Column("lead_id", Text, nullable=False),
    Column("from_status", Text, nullable=False),
    Column("to_status", Text, nullable=False),
    Column("reward", Double, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Index("status_steps_counted", "table_id", "from_status", "to_status", "lead_id", "recorded_at"),
)
"""Every step of status (S4)."""

dead_letters = Table(
    "dead_letters",
    METADATA,
    Column("group", Text, primary_key=True, comment="the service that set it aside"),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("offset", BigInteger, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), comment="when it was set aside"),
    Column("topic", Text, comment="where the record stood, like what follows"),
    Column("record_partition", Integer),
    Column("record_offset", BigInteger),
    Column("event", Text),
    Column("error", Text),
    Column("reason", Text),
    Column("redriven_at", DateTime(timezone=True)),
    Column("discarded_at", DateTime(timezone=True)),
    Index(None, "at", "group", "partition", "offset"),
)
"""What was set aside, and what became of it; nothing of a record's key or value."""

lead_search = Table(
    "lead_search",
    METADATA,
    Column("lead_id", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("root_offset", BigInteger, primary_key=True, autoincrement=False),
    Column("part", Text, nullable=False, comment="of the record: guardians or children"),
    Column(
        "tokens", ARRAY(BigInteger), nullable=False, comment="keyed hashes of words, numbers and addresses"
    ),
    Index(None, "tokens", postgresql_using="gin"),
)
"""One row a person and event that told of them; it counts while that event is the part's in force."""
