"""Which Kafka cluster the schema belongs to; noted by the next start of the projections."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "origin",
        sa.Column("only", sa.Boolean, primary_key=True, server_default=sa.true()),
        sa.Column("cluster", sa.Text, nullable=False),
        sa.CheckConstraint('"only"', name="origin_one_row"),
    )
