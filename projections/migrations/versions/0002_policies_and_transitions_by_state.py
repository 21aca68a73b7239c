"""The parameters' versions, and transitions found by the state that they left."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policies",
        sa.Column(
            "key",
            sa.Text,
            nullable=False,
            comment="as on the topic: <id> for the one in force, <id>|<version>",
        ),
        sa.Column("policy_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("is_current", sa.Boolean, nullable=False, comment="whether the key names no version"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("record", JSONB, nullable=False, comment="complete"),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(
        "transitions_table_id_from_state_version", "transitions", ["table_id", "from_state", "version"]
    )
