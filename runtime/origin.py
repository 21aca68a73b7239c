"""One schema belongs to one Kafka cluster: views and keys beside another one's topics would be silently wrong."""

from contextlib import suppress
from typing import Any

import psycopg
from confluent_kafka import KafkaException

from runtime import clients
from runtime.errors import Misconfigured
from runtime.settings import Settings

_NOTED = "SELECT cluster FROM origin"
_CLAIM = "INSERT INTO origin (cluster) VALUES (%s) ON CONFLICT DO NOTHING"


def claim(settings: Settings) -> None:
    """The first start notes which cluster the schema's rows come from; raises Misconfigured under any other one."""
    cluster = clients.cluster_id(settings)
    with _schema(settings) as database:
        database.execute(_CLAIM, (cluster,))
        _compare(settings, database, cluster)


def agree(settings: Settings) -> None:
    """Raises Misconfigured where the schema belongs to another cluster; what is away says for itself that it is."""
    away = suppress(psycopg.OperationalError, psycopg.errors.UndefinedTable, KafkaException)
    with away, _schema(settings) as database:
        if database.execute(_NOTED).fetchone() is not None:
            _compare(settings, database, clients.cluster_id(settings))


def _schema(settings: Settings) -> "psycopg.Connection[Any]":
    if settings.postgres is None:
        raise Misconfigured("ACADEMY_POSTGRES is not set; `academy run` sets it for the embedded database")
    options = f"-c search_path={settings.schema_name}"
    return psycopg.connect(settings.postgres.get_secret_value(), connect_timeout=5, options=options)


def _compare(settings: Settings, database: "psycopg.Connection[Any]", cluster: str) -> None:
    row = database.execute(_NOTED).fetchone()
    if row is not None and row[0] != cluster:
        raise Misconfigured(
            f"schema {settings.schema_name} belongs to Kafka cluster {row[0]}, ACADEMY_KAFKA ({settings.kafka}) is "
            f"cluster {cluster}: name the right one, or use another prefix or database"
        )
