"""How many leads each status has by day of contact, kept by triggers: a list over a million need not count them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import OID

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_CHANGES = "SELECT status, (contact_at AT TIME ZONE 'UTC')::date AS day, {by} AS change FROM {rows}"
_CAME, _WENT = _CHANGES.format(by="1", rows="came"), _CHANGES.format(by="-1", rows="went")
_ADD = """
        INSERT INTO lead_counts AS had
        SELECT TG_RELID, pg_backend_pid(), status, day, sum(change) FROM ({changes}) AS changes
        WHERE status IS NOT NULL GROUP BY status, day HAVING sum(change) <> 0
        ON CONFLICT (relation, writer, status, day) DO UPDATE SET leads = had.leads + excluded.leads;
"""
COUNT = f"""
CREATE FUNCTION count_leads() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        {_ADD.format(changes=_CAME)}
    ELSIF TG_OP = 'UPDATE' THEN
        {_ADD.format(changes=f"{_WENT} UNION ALL {_CAME}")}
    ELSIF TG_OP = 'DELETE' THEN
        {_ADD.format(changes=_WENT)}
    ELSE
        DELETE FROM lead_counts WHERE relation = TG_RELID;
    END IF;
    RETURN NULL;
END $$
"""  # noqa: S608 - of our own text alone
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
        sa.Column("day", sa.Date, primary_key=True, comment="of contact_at, in UTC"),
        sa.Column("leads", sa.BigInteger, nullable=False, comment="that came, less those that went"),
    )
    op.execute(COUNT)
    for name, event, tables in TRIGGERS:
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON leads {tables} FOR EACH STATEMENT EXECUTE FUNCTION count_leads()"
        )
    op.execute(
        "INSERT INTO lead_counts"
        " SELECT 'leads'::regclass, 0, status, (contact_at AT TIME ZONE 'UTC')::date AS day, count(*)"
        " FROM leads WHERE status IS NOT NULL GROUP BY status, day"
    )
    op.drop_index("leads_contact_at_lead_id", "leads")
    op.create_index(
        "leads_contact_at_lead_id", "leads", ["contact_at", "lead_id"], postgresql_include=["status"]
    )
