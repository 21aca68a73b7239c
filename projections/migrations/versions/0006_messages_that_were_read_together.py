"""Which messages were read together with one, and where that is told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    told = "what it was read with, and where that was told"
    op.add_column("interactions", sa.Column("conversation", postgresql.JSONB, comment=told))
