"""Every table of one prefix's Postgres schema; names carry no schema, the connection's search path does.

Topics of one view arrive in any order, so whatever is not the key is nullable or has a default.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Date,
    DateTime,
    Double,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, OID

from projections.metadata import METADATA, moment

NEVER = text("'epoch'::timestamptz")
"""Stands for "not yet" in a time that pages are sorted by: a null cannot be compared."""

UNPLANNED = text("'9999-01-01 00:00:00+00'::timestamp with time zone")
"""Stands for "at no time" where the soonest comes first; within what a client can hold, unlike infinity."""

_CONTACT_AT = f"""
CASE WHEN NOT executed_id IS DISTINCT FROM decision_id THEN {UNPLANNED.text}
     ELSE COALESCE(scheduled_for, {UNPLANNED.text}) END
""".strip()


leads = Table(
    "leads",
    METADATA,
    Column("lead_id", Text, primary_key=True),
    Column("partition", Integer),
    Column("guardians_offset", BigInteger, comment="root offset of the part in force, like what follows"),
    Column("children_offset", BigInteger),
    Column("time_zone_offset", BigInteger),
    Column("campaign_goal_offset", BigInteger),
    Column("status", Text),
    Column("consent", Text),
    moment("due"),
    Column("sequence", BigInteger),
    Column("state_partition", Integer, comment="where the state stands on `leads`: the row's version"),
    Column("state_offset", BigInteger),
    Column("interactions", Integer),
    Column("reviews", JSONB, comment="what an operator must look at; null where nothing"),
    Column("executed_id", Text, comment="the decision in force once it was carried out"),
    Column("state", Text, comment="as of the last answer, like bucket"),
    Column("bucket", Text),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=NEVER),
    Column("decision_id", Text, comment="the decision in force, like what follows"),
    Column("action", Text),
    Column("channel", Text),
    moment("scheduled_for"),
    moment("expires_at"),
    Column("decided_at", DateTime(timezone=True), nullable=False, server_default=NEVER),
    Column(
        "contact_at",
        DateTime(timezone=True),
        Computed(_CONTACT_AT, persisted=True),
        nullable=False,
        comment="when the decision in force is to be carried out, unless it was",
    ),
    Index(None, "updated_at", "lead_id"),
    Index(None, "decided_at", "lead_id"),
    Index(None, "contact_at", "lead_id", postgresql_include=["status"]),
    Index(None, "status", "updated_at", "lead_id"),
    Index(None, "bucket", "updated_at", "lead_id"),
    Index(None, "action", "updated_at", "lead_id"),
    Index(None, "state_partition", "state_offset"),
    Index("leads_counted", "status", "bucket", "action", "contact_at"),
    Index("leads_reviewed", "lead_id", postgresql_where=text("reviews IS NOT NULL")),
)

lead_counts = Table(
    "lead_counts",
    METADATA,
    Column("relation", OID, primary_key=True, comment="the table that is counted: leads, or its copy"),
    Column("writer", Integer, primary_key=True, comment="a session's process: none waits for another"),
    Column("status", Text, primary_key=True),
    Column("day", Date, primary_key=True, comment="of contact_at, in UTC"),
    Column("leads", BigInteger, nullable=False, comment="that came, less those that went"),
)
"""How many leads each status has by day: the sum over the writers. Triggers of `leads` keep it (migration 0010)."""

lead_states = Table(
    "lead_states",
    METADATA,
    Column("lead_id", Text, primary_key=True),
    Column("folded", JSONB, nullable=False, comment="the decider's state of the household"),
    Column("reminds_at", DateTime(timezone=True), comment="of its open reminders the soonest"),
    Column("asked_at", DateTime(timezone=True), comment="of those that operators set the soonest"),
    Index(None, "reminds_at", "lead_id"),
    Index(None, "asked_at", "lead_id", postgresql_where=text("asked_at IS NOT NULL")),
)
"""Apart from `leads`, whose rows then are short enough for lists and counts to stay in memory."""

interactions = Table(
    "interactions",
    METADATA,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("root_offset", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", Text),
    Column("lead_id", Text),
    Column("kind", Text, comment="the event's name in the catalogue"),
    moment("recorded_at"),
    moment("occurred_at"),
    Column("recorded", JSONB, comment="the event as it was told, its texts sealed"),
    Column("enriched_id", Text),
    Column("repeats", Text, comment="duplicate or conflict, where the id was seen before"),
    Column("extraction", JSONB, comment="its texts sealed"),
    Column("conversation", JSONB, comment="what it was read with, and where that was told"),
    Index(None, "event_id"),
    Index(None, "lead_id", "occurred_at", "root_offset"),
)
"""One row a root record: a repeated id has a row of its own and cannot overwrite the first."""

decisions = Table(
    "decisions",
    METADATA,
    Column("decision_id", Text, primary_key=True),
    Column("lead_id", Text, nullable=False),
    Column("cause_event_id", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("root_offset", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("action", Text),
    moment("scheduled_for"),
    moment("expires_at"),
    Column("record", JSONB, nullable=False, comment="complete"),
    Index(None, "lead_id", "sequence"),
    Index(None, "partition", "root_offset"),
    Index(None, "state", "decided_at", postgresql_where=text("verdict = 'decision'")),
)

transitions = Table(
    "transitions",
    METADATA,
    Column("transition_id", Text, primary_key=True),
    Column("table_id", Text, nullable=False),
    Column("version", BigInteger, nullable=False, comment="offset on transitions: the table's version"),
    Column("kind", Text, nullable=False),
    Column("lead_id", Text),
    Column("decision_id", Text),
    Column("cause_event_id", Text),
    Column("from_state", Text),
    Column("action", Text),
    Column("reward", Double),
    Column("to_state", Text),
    Column("arm", Text),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("record", JSONB, nullable=False, comment="complete"),
    Index(None, "cause_event_id"),
    Index(None, "decision_id"),
    Index(None, "table_id", "from_state", "version"),
    Index(None, "lead_id", "recorded_at"),
    Index(None, "table_id", "version"),
    Index(
        "transitions_rewarded",
        *("table_id", "action", "arm", "recorded_at"),
        postgresql_include=["reward"],
        postgresql_where=text("kind <> 'late'"),
    ),
    Index("transitions_late", "table_id", postgresql_where=text("kind = 'late'")),
)

q_table = Table(
    "q_table",
    METADATA,
    Column("table_id", Text, primary_key=True),
    Column("state", Text, primary_key=True),
    Column("action", Text, primary_key=True),
    Column("q", Double, nullable=False),
    Column("visits", Integer, nullable=False),
    Column("pseudo_visits", Integer, nullable=False),
    Column("reward_sum", Double, nullable=False),
    Column("version", BigInteger, nullable=False, comment="of the row's last fold"),
)

learning_tables = Table(
    "learning_tables",
    METADATA,
    Column("table_id", Text, primary_key=True),
    Column("version", BigInteger, nullable=False, comment="of the last whole commit"),
    Column("alpha", Double, nullable=False),
    Column("gamma", Double, nullable=False),
)

policies = Table(
    "policies",
    METADATA,
    Column(
        "key", Text, primary_key=True, comment="as on the topic: <id> for the one in force, <id>|<version>"
    ),
    Column("policy_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("is_current", Boolean, nullable=False, comment="whether the key names no version"),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("record", JSONB, nullable=False, comment="complete"),
)

positions = Table(
    "positions",
    METADATA,
    Column("projection", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("next_offset", BigInteger, nullable=False),
)
"""How far each projection has applied each partition; moved in the transaction of its rows."""
