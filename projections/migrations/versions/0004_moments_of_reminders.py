"""When each household's open reminders are due; states of before have none."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, comment in (
        ("reminds_at", "of its open reminders the soonest"),
        ("asked_at", "of those that operators set the soonest"),
    ):
        op.add_column("lead_states", sa.Column(name, sa.DateTime(timezone=True), comment=comment))
    op.create_index("lead_states_reminds_at_lead_id", "lead_states", ["reminds_at", "lead_id"])
    op.create_index(
        "lead_states_asked_at_lead_id",
        "lead_states",
        ["asked_at", "lead_id"],
        postgresql_where=sa.text("asked_at IS NOT NULL"),
    )
