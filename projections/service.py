"""The log to Postgres: every view, and the loop that keeps them."""

from datetime import timedelta

from projections import decisions, erasures, interactions, leads, policies, q_table, transitions
from projections.migrate import upgrade
from projections.settings import ProjectionsSettings
from runtime.checks import await_postgres
from runtime.keys import retention_of
from runtime.origin import claim
from runtime.projector import Projector
from runtime.service import started
from runtime.views import View


def build() -> list[View]:
    """The views, in the order in which a batch writes them."""
    learned = [transitions.VIEW, q_table.ROWS, q_table.TABLES, policies.VIEW]
    return [interactions.VIEW, leads.VIEW, leads.STATES, decisions.VIEW, erasures.VIEW, *learned]


def main() -> None:
    """Bring the schema up to date, then project until a signal."""
    settings = ProjectionsSettings()
    with started(settings) as (stopping, health, metrics):
        upgrade(await_postgres(settings), settings.schema_name)
        claim(settings)
        forgetting = erasures.Erasures(timedelta(days=settings.backup_days), retention_of(settings))
        Projector(settings, build(), health, metrics, forgetting=forgetting).run(stopping)
