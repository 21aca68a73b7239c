"""Tables of the first release."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _leads()
    _interactions()
    _decisions()
    _transitions()
    _learned()
    _kept()


def _leads() -> None:
    op.create_table(
        "leads",
        sa.Column("lead_id", sa.Text, nullable=False),
        sa.Column("partition", sa.Integer),
        sa.Column("record_offset", sa.BigInteger, comment="root offset of the record in force"),
        sa.Column("status", sa.Text),
        sa.Column("consent", sa.Text),
        sa.Column("due", _TIME),
        sa.Column("sequence", sa.BigInteger),
        sa.Column("interactions", sa.Integer),
        sa.Column("folded", JSONB, comment="the decider's state of the household"),
        sa.Column("state", sa.Text, comment="as of the last answer, like bucket"),
        sa.Column("bucket", sa.Text),
        sa.Column("updated_at", _TIME, server_default=sa.text("'epoch'::timestamptz"), nullable=False),
        sa.Column("decision_id", sa.Text, comment="the decision in force, like what follows"),
        sa.Column("action", sa.Text),
        sa.Column("channel", sa.Text),
        sa.Column("scheduled_for", _TIME),
        sa.Column("expires_at", _TIME),
        sa.Column("decided_at", _TIME, server_default=sa.text("'epoch'::timestamptz"), nullable=False),
        sa.PrimaryKeyConstraint("lead_id"),
    )
    op.create_index("leads_decided_at_lead_id", "leads", ["decided_at", "lead_id"])
    op.create_index("leads_status_updated_at_lead_id", "leads", ["status", "updated_at", "lead_id"])
    op.create_index("leads_updated_at_lead_id", "leads", ["updated_at", "lead_id"])


def _interactions() -> None:
    op.create_table(
        "interactions",
        sa.Column("partition", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("root_offset", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Text),
        sa.Column("lead_id", sa.Text),
        sa.Column("kind", sa.Text, comment="interaction or lead"),
        sa.Column("recorded_at", _TIME),
        sa.Column("occurred_at", _TIME),
        sa.Column("recorded", JSONB, comment="the event as it was told, its texts sealed"),
        sa.Column("enriched_id", sa.Text),
        sa.Column("repeats", sa.Text, comment="duplicate or conflict, where the id was seen before"),
        sa.Column("extraction", JSONB, comment="its texts sealed"),
        sa.PrimaryKeyConstraint("partition", "root_offset"),
    )
    op.create_index("interactions_event_id", "interactions", ["event_id"])
    op.create_index(
        "interactions_lead_id_occurred_at_root_offset",
        "interactions",
        ["lead_id", "occurred_at", "root_offset"],
    )


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("decision_id", sa.Text, nullable=False),
        sa.Column("lead_id", sa.Text, nullable=False),
        sa.Column("cause_event_id", sa.Text, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("root_offset", sa.BigInteger, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("decided_at", _TIME, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("action", sa.Text),
        sa.Column("scheduled_for", _TIME),
        sa.Column("expires_at", _TIME),
        sa.Column("record", JSONB, nullable=False, comment="complete"),
        sa.PrimaryKeyConstraint("decision_id"),
    )
    op.create_index("decisions_lead_id_sequence", "decisions", ["lead_id", "sequence"])
    op.create_index("decisions_partition_root_offset", "decisions", ["partition", "root_offset"])


def _transitions() -> None:
    op.create_table(
        "transitions",
        sa.Column("transition_id", sa.Text, nullable=False),
        sa.Column("table_id", sa.Text, nullable=False),
        sa.Column(
            "version", sa.BigInteger, nullable=False, comment="offset on transitions: the table's version"
        ),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("lead_id", sa.Text),
        sa.Column("decision_id", sa.Text),
        sa.Column("cause_event_id", sa.Text),
        sa.Column("from_state", sa.Text),
        sa.Column("action", sa.Text),
        sa.Column("reward", sa.Double),
        sa.Column("to_state", sa.Text),
        sa.Column("recorded_at", _TIME, nullable=False),
        sa.Column("record", JSONB, nullable=False, comment="complete"),
        sa.PrimaryKeyConstraint("transition_id"),
    )
    op.create_index("transitions_cause_event_id", "transitions", ["cause_event_id"])
    op.create_index("transitions_decision_id", "transitions", ["decision_id"])
    op.create_index("transitions_lead_id_recorded_at", "transitions", ["lead_id", "recorded_at"])
    op.create_index("transitions_table_id_version", "transitions", ["table_id", "version"])


def _learned() -> None:
    op.create_table(
        "q_table",
        sa.Column("table_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("q", sa.Double, nullable=False),
        sa.Column("visits", sa.Integer, nullable=False),
        sa.Column("pseudo_visits", sa.Integer, nullable=False),
        sa.Column("reward_sum", sa.Double, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, comment="of the row's last fold"),
        sa.PrimaryKeyConstraint("table_id", "state", "action"),
    )
    op.create_table(
        "learning_tables",
        sa.Column("table_id", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, comment="of the last whole commit"),
        sa.Column("alpha", sa.Double, nullable=False),
        sa.Column("gamma", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("table_id"),
    )


def _kept() -> None:
    op.create_table(
        "positions",
        sa.Column("projection", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("partition", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("next_offset", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("projection", "topic", "partition"),
    )
    op.create_table(
        "keys",
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("wrapped", sa.LargeBinary),
        sa.Column("created_at", _TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("destroyed_at", _TIME),
        sa.PrimaryKeyConstraint("subject"),
        sa.UniqueConstraint("key_id"),
    )
    op.create_table(
        "master_check",
        sa.Column("only", sa.Boolean, server_default=sa.text("true"), nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("sample", sa.LargeBinary, nullable=False),
        sa.CheckConstraint('"only"', name="master_check_one_row"),
        sa.PrimaryKeyConstraint("only"),
    )
