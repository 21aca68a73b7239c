"""The first start: proposes parameters and creates the learning table, as records; later starts find them."""

from dataclasses import replace
from datetime import UTC, datetime

from confluent_kafka import KafkaException

from decider.tables import CURRENT, POLICIES
from domain.events import derived_id
from domain.parameters import Parameters
from domain.presets import preset
from domain.records import TableCreated
from domain.seeds import seeds
from runtime import clients
from runtime.clients import CALL_SECONDS
from runtime.errors import NotReady
from runtime.global_table import GlobalTable
from runtime.settings import Settings
from schemas.codec import encode, headers


def current(settings: Settings) -> Parameters | None:
    """The parameters in force, if the system was ever configured."""
    table = GlobalTable(POLICIES, settings)
    try:
        table.start()
        return table.view.current
    finally:
        table.close()


def configure(settings: Settings, *, enrolment_from: str = "records") -> Parameters:
    """Version 1 of the parameters and the table's creation, in one transaction, unless they are there.

    A rival start fences this one, or finds its work done; a second creation of a table changes nothing.
    """
    found = current(settings)
    if found is not None:
        return found
    now = datetime.now(UTC)
    proposed = replace(preset(settings.preset, now), enrolment_from=enrolment_from)
    table = TableCreated(
        transition_id=derived_id(proposed.table_id, "configuration", "table-created"),
        table_id=proposed.table_id,
        alpha=proposed.alpha,
        alpha_power=proposed.alpha_power,
        gamma=proposed.gamma,
        gamma_day=proposed.gamma_day,
        seeds=seeds(proposed.seed_pseudo_visits),
        recorded_at=now,
    )
    producer = clients.transactional(settings, "configuration")
    try:
        producer.init_transactions(CALL_SECONDS)
        producer.begin_transaction()
        for key in (CURRENT, f"{CURRENT}|{proposed.version}"):
            producer.produce(settings.topic("policies"), encode("policies", proposed), key)
        said: list[tuple[str, str | bytes | None]] = list(headers("transitions", table))
        producer.produce(
            settings.topic("transitions"), encode("transitions", table), table.table_id, headers=said
        )
        producer.commit_transaction(CALL_SECONDS)
    except KafkaException as wrong:
        raise NotReady(
            f"the first configuration could not be written: {wrong.args[0].str()}; try again"
        ) from wrong
    return proposed
