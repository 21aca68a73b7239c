"""The log to Postgres: every view, and the loop that keeps them."""

from contextlib import closing

from projections import (
    contacts,
    dead_letters,
    decisions,
    interactions,
    leads,
    policies,
    q_table,
    readings,
    search,
    steps,
    transitions,
)
from projections.migrate import upgrade
from projections.search_words import hasher
from runtime.checks import await_postgres
from runtime.keys import Keyring, Keys
from runtime.origin import claim
from runtime.projector import Projector
from runtime.service import started
from runtime.settings import Settings
from runtime.views import View


def build() -> list[View]:
    """The views that are made without any key, in the order in which a batch writes them."""
    told = [interactions.VIEW, leads.VIEW, leads.STATES, decisions.VIEW]
    learned = [transitions.VIEW, q_table.ROWS, q_table.TABLES, policies.VIEW]
    return [*told, *learned, contacts.VIEW, readings.VIEW, steps.VIEW, dead_letters.VIEW]


def every(settings: Settings, keys: Keyring) -> list[View]:
    """All views; raises Misconfigured where the master key cannot be had."""
    return [*build(), search.view(keys, hasher(settings))]


def main() -> None:
    """Bring the schema up to date, then project until a signal."""
    settings = Settings()
    with started(settings) as (stopping, health, metrics):
        upgrade(await_postgres(settings), settings.schema_name)
        claim(settings)
        with closing(Keys(settings)) as keys:
            Projector(settings, every(settings, keys), health, metrics).run(stopping)
