"""The log to Postgres: every view, and the loop that keeps them."""

from contextlib import closing
from datetime import timedelta

from projections import (
    contacts,
    dead_letters,
    decisions,
    erasures,
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
from projections.settings import ProjectionsSettings
from runtime import heap
from runtime.checks import await_postgres
from runtime.keys import Keyring, Keys
from runtime.origin import claim
from runtime.projector import Projector
from runtime.retention import retention_of
from runtime.service import started
from runtime.views import View


def build() -> list[View]:
    """The views that are made without any key, in the order in which a batch writes them."""
    told = [interactions.VIEW, leads.VIEW, leads.STATES, decisions.VIEW]
    learned = [transitions.VIEW, q_table.ROWS, q_table.TABLES, policies.VIEW]
    return [*told, erasures.VIEW, *learned, contacts.VIEW, readings.VIEW, steps.VIEW, dead_letters.VIEW]


def every(keys: Keyring) -> list[View]:
    """All views; raises NotReady where the key of searches cannot be had."""
    return [*build(), search.view(keys, hasher(keys))]


def main() -> None:
    """Bring the schema up to date, then project until a signal."""
    settings = ProjectionsSettings()
    with started(settings) as (stopping, health, metrics):
        upgrade(await_postgres(settings), settings.schema_name)
        claim(settings)
        forgetting = erasures.Erasures(timedelta(days=settings.backup_days), retention_of(settings))
        with closing(Keys(settings)) as keys:
            projector = Projector(settings, every(keys), health, metrics, forgetting=forgetting)
            heap.settled()
            projector.run(stopping)
