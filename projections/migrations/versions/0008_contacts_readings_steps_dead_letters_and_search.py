"""Contacts, readings, steps of status, dead letters and search; arms of transitions, and what is asked by state.

The new tables begin empty: on a log that was projected before, `academy views rebuild` fills each from it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _contacts()
    _readings()
    _steps()
    _letters()
    _search()
    op.add_column("transitions", sa.Column("arm", sa.Text))
    op.execute("UPDATE transitions SET arm = record ->> 'arm' WHERE record ->> 'arm' IS NOT NULL")
    op.create_index(
        "transitions_rewarded",
        "transitions",
        ["table_id", "action", "arm", "recorded_at"],
        postgresql_include=["reward"],
        postgresql_where=sa.text("kind <> 'late'"),
    )
    op.create_index(
        "transitions_late", "transitions", ["table_id"], postgresql_where=sa.text("kind = 'late'")
    )
    op.create_index(
        "decisions_state_decided_at",
        "decisions",
        ["state", "decided_at"],
        postgresql_where=sa.text("verdict = 'decision'"),
    )


def _contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("partition", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("root_offset", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("lead_id", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False, comment="when it took place"),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("guardian_id", sa.Text),
        sa.Column("decision_id", sa.Text, comment="that it carried out, as its sender says"),
        sa.PrimaryKeyConstraint("partition", "root_offset"),
    )
    op.create_index("contacts_lead_id_at_root_offset", "contacts", ["lead_id", "at", "root_offset"])


def _readings() -> None:
    op.create_table(
        "readings",
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False, comment="in UTC"),
        sa.Column("model", sa.Text, nullable=False, comment="that was meant to read"),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("messages", sa.Integer, nullable=False, comment="of a conversation by SMS; else 0"),
        sa.Column("fallback", sa.Integer, nullable=False, comment="1 where rules read in the model's place"),
        sa.Column("calls", sa.Integer, nullable=False),
        sa.Column("tokens_in", sa.BigInteger, nullable=False),
        sa.Column("tokens_cached", sa.BigInteger, nullable=False),
        sa.Column("tokens_out", sa.BigInteger, nullable=False),
        sa.Column("nanos", sa.BigInteger, nullable=False, comment="billionths of a US dollar"),
        sa.Column("failure", sa.Text),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_index("readings_day", "readings", ["day"])


def _steps() -> None:
    op.create_table(
        "status_steps",
        sa.Column("transition_id", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("table_id", sa.Text, nullable=False),
        sa.Column("lead_id", sa.Text, nullable=False),
        sa.Column("from_status", sa.Text, nullable=False),
        sa.Column("to_status", sa.Text, nullable=False),
        sa.Column("reward", sa.Double, nullable=False),
        sa.Column("recorded_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("transition_id", "number"),
    )
    op.create_index(
        "status_steps_counted",
        "status_steps",
        ["table_id", "from_status", "to_status", "lead_id", "recorded_at"],
    )


def _letters() -> None:
    op.create_table(
        "dead_letters",
        sa.Column("group", sa.Text, nullable=False, comment="the service that set it aside"),
        sa.Column("partition", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("offset", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("at", _TIME, comment="when it was set aside"),
        sa.Column("topic", sa.Text, comment="where the record stood, like what follows"),
        sa.Column("record_partition", sa.Integer),
        sa.Column("record_offset", sa.BigInteger),
        sa.Column("event", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("redriven_at", _TIME),
        sa.Column("discarded_at", _TIME),
        sa.PrimaryKeyConstraint("group", "partition", "offset"),
    )
    op.create_index(
        "dead_letters_at_group_partition_offset", "dead_letters", ["at", "group", "partition", "offset"]
    )


def _search() -> None:
    op.create_table(
        "lead_search",
        sa.Column("lead_id", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("root_offset", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("part", sa.Text, nullable=False, comment="of the record: guardians or children"),
        sa.Column(
            "tokens",
            postgresql.ARRAY(sa.BigInteger),
            nullable=False,
            comment="keyed hashes of words, numbers and addresses",
        ),
        sa.PrimaryKeyConstraint("lead_id", "subject", "root_offset"),
    )
    op.create_index("lead_search_tokens", "lead_search", ["tokens"], postgresql_using="gin")
