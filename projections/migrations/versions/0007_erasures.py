"""Who asked to be forgotten, and what became of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("root_offset", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("lead_id", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, comment="of one person; null: the whole household"),
        sa.Column("requested_at", _TIME, nullable=False),
        sa.Column("destroyed_at", _TIME, comment="once the decider had answered, like what follows"),
        sa.Column("receipt", postgresql.JSONB, comment="as on the topic"),
        sa.Column("told_at", _TIME),
    )
    op.create_index("erasures_lead_id", "erasures", ["lead_id"])
    op.create_index(
        "erasures_untold", "erasures", ["root_offset"], postgresql_where=sa.text("told_at IS NULL")
    )
