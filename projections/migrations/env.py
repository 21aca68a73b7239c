"""Alembic's entry: runs inside the connection and transaction that `projections.migrate` hands over."""

from alembic import context

from projections import key_tables, tables  # noqa: F401 - they declare what METADATA holds
from projections.metadata import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table="schema_version",
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
