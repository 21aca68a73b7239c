"""Each part of a record by its own event, the folded state apart, reviews, and what lists are sorted by.

Rows stay: what the new columns hold is in the old ones.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_CONTACT_AT = """
CASE WHEN NOT executed_id IS DISTINCT FROM decision_id
     THEN '9999-01-01 00:00:00+00'::timestamp with time zone
     ELSE COALESCE(scheduled_for, '9999-01-01 00:00:00+00'::timestamp with time zone) END
""".strip()

# Until now a record was only ever told whole, so all its parts are of one event.
_FILL = """
UPDATE leads SET
    guardians_offset = record_offset,
    children_offset = record_offset,
    time_zone_offset = record_offset,
    campaign_goal_offset = record_offset,
    reviews = NULLIF(folded -> 'reviews', '[]'::jsonb),
    executed_id = CASE WHEN folded #>> '{in_force,executed_action}' IS NOT NULL
                       THEN folded #>> '{in_force,decision_id}' END
"""


def upgrade() -> None:
    op.add_column(
        "leads",
        sa.Column(
            "guardians_offset", sa.BigInteger, comment="root offset of the part in force, like what follows"
        ),
    )
    for part in ("children", "time_zone", "campaign_goal"):
        op.add_column("leads", sa.Column(f"{part}_offset", sa.BigInteger))
    op.add_column(
        "leads",
        sa.Column("reviews", JSONB, comment="what an operator must look at; null where nothing"),
    )
    op.add_column(
        "leads",
        sa.Column("executed_id", sa.Text, comment="the decision in force once it was carried out"),
    )
    op.execute(_FILL)
    op.drop_column("leads", "record_offset")
    _states()
    op.add_column(
        "leads",
        sa.Column(
            "contact_at",
            sa.DateTime(timezone=True),
            sa.Computed(_CONTACT_AT, persisted=True),
            nullable=False,
            comment="when the decision in force is to be carried out, unless it was",
        ),
    )
    _indexes()
    # Counts walk indexes alone only over pages that vacuum has seen: after 2,000 changed leads of 100,000, not 20,000.
    op.execute("ALTER TABLE leads SET (autovacuum_vacuum_scale_factor = 0.02)")
    op.alter_column("interactions", "kind", comment="the event's name in the catalogue")


def _states() -> None:
    op.create_table(
        "lead_states",
        sa.Column("lead_id", sa.Text, nullable=False),
        sa.Column("folded", JSONB, nullable=False, comment="the decider's state of the household"),
        sa.PrimaryKeyConstraint("lead_id"),
    )
    op.execute(
        "INSERT INTO lead_states (lead_id, folded) SELECT lead_id, folded FROM leads WHERE folded IS NOT NULL"
    )
    op.drop_column("leads", "folded")


def _indexes() -> None:
    op.create_index("leads_contact_at_lead_id", "leads", ["contact_at", "lead_id"])
    op.create_index("leads_bucket_updated_at_lead_id", "leads", ["bucket", "updated_at", "lead_id"])
    op.create_index("leads_action_updated_at_lead_id", "leads", ["action", "updated_at", "lead_id"])
    op.create_index("leads_counted", "leads", ["status", "bucket", "action", "contact_at"])
    op.create_index("leads_reviewed", "leads", ["lead_id"], postgresql_where=sa.text("reviews IS NOT NULL"))
