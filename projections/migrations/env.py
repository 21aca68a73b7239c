"""Alembic's entry: runs inside the connection and transaction that `projections.migrate` hands over."""

from alembic import context

from projections.event_tables import contacts

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=contacts.metadata,
    version_table="schema_version",
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
