"""How many leads each status has, kept by triggers: a list over a million of them need not count."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import OID

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

COUNT = """
CREATE FUNCTION count_leads() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        DELETE FROM lead_counts WHERE relation = TG_RELID;
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO lead_counts AS had
        SELECT TG_RELID, pg_backend_pid(), status, -count(*) FROM went WHERE status IS NOT NULL GROUP BY status
        ON CONFLICT (relation, writer, status) DO UPDATE SET leads = had.leads + excluded.leads;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO lead_counts AS had
        SELECT TG_RELID, pg_backend_pid(), status, count(*) FROM came WHERE status IS NOT NULL GROUP BY status
        ON CONFLICT (relation, writer, status) DO UPDATE SET leads = had.leads + excluded.leads;
    END IF;
    RETURN NULL;
END $$
"""
TRIGGERS = (
    ("leads_came", "INSERT", "REFERENCING NEW TABLE AS came"),
    ("leads_changed", "UPDATE", "REFERENCING OLD TABLE AS went NEW TABLE AS came"),
    ("leads_went", "DELETE", "REFERENCING OLD TABLE AS went"),
    ("leads_emptied", "TRUNCATE", ""),
)
"""A statement counts once for all its rows."""


def upgrade() -> None:
    op.create_table(
        "lead_counts",
        sa.Column("relation", OID, primary_key=True, comment="the table that is counted: leads, or its copy"),
        sa.Column(
            "writer", sa.Integer, primary_key=True, comment="a session's process: none waits for another"
        ),
        sa.Column("status", sa.Text, primary_key=True),
        sa.Column("leads", sa.BigInteger, nullable=False, comment="that came, less those that went"),
    )
    op.execute(COUNT)
    for name, event, tables in TRIGGERS:
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON leads {tables} FOR EACH STATEMENT EXECUTE FUNCTION count_leads()"
        )
    op.execute(
        "INSERT INTO lead_counts SELECT 'leads'::regclass, 0, status, count(*) FROM leads"
        " WHERE status IS NOT NULL GROUP BY status"
    )
