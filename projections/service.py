"""The log to Postgres: every view, and the loop that keeps them."""

from projections import decisions, interactions, leads, q_table, transitions
from projections.migrate import upgrade
from runtime.errors import Misconfigured
from runtime.projector import Projector, View
from runtime.service import started
from runtime.settings import Settings


def build() -> list[View]:
    """The views, in the order in which a batch writes them."""
    return [interactions.VIEW, leads.VIEW, decisions.VIEW, transitions.VIEW, q_table.ROWS, q_table.TABLES]


def main() -> None:
    """Bring the schema up to date, then project until a signal."""
    settings = Settings()
    with started(settings) as (stopping, health, metrics):
        if settings.postgres is None:
            raise Misconfigured(
                "ACADEMY_POSTGRES is not set; `academy run` sets it for the embedded database"
            )
        upgrade(settings.postgres.get_secret_value(), settings.schema_name)
        Projector(settings, build(), health, metrics).run(stopping)
