"""The log to Postgres: every view, and the loop that keeps them."""

from projections import decisions, interactions, leads, policies, q_table, transitions
from projections.migrate import upgrade
from runtime.checks import await_postgres
from runtime.origin import claim
from runtime.projector import Projector
from runtime.service import started
from runtime.settings import Settings
from runtime.views import View


def build() -> list[View]:
    """The views, in the order in which a batch writes them."""
    learned = [transitions.VIEW, q_table.ROWS, q_table.TABLES, policies.VIEW]
    return [interactions.VIEW, leads.VIEW, leads.STATES, decisions.VIEW, *learned]


def main() -> None:
    """Bring the schema up to date, then project until a signal."""
    settings = Settings()
    with started(settings) as (stopping, health, metrics):
        upgrade(await_postgres(settings), settings.schema_name)
        claim(settings)
        Projector(settings, build(), health, metrics).run(stopping)
