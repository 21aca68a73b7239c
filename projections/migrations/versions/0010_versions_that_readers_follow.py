"""Where each lead's state stands on its topic, a word to whoever waits for a position, and when keys went.

States of before have no offset until they change: readers who follow the changes miss nothing by it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0007"
branch_labels = None
depends_on = None

SAY = """
CREATE FUNCTION say_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify(TG_TABLE_SCHEMA, '');
    RETURN NULL;
END $$
"""
LISTENED = """
CREATE TRIGGER positions_moved AFTER UPDATE ON positions
FOR EACH STATEMENT EXECUTE FUNCTION say_moved()
"""
"""A batch moves its positions by one statement, so this is one word a batch, heard when it is committed."""


def upgrade() -> None:
    told = "where the state stands on `leads`: the row's version"
    op.add_column("leads", sa.Column("state_partition", sa.Integer, comment=told))
    op.add_column("leads", sa.Column("state_offset", sa.BigInteger))
    op.create_index("leads_state_partition_state_offset", "leads", ["state_partition", "state_offset"])
    gone = sa.text("destroyed_at IS NOT NULL")
    op.create_index("keys_destroyed_at", "keys", ["destroyed_at"], postgresql_where=gone)
    op.execute(SAY)
    op.execute(LISTENED)
