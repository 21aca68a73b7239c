"""One schema belongs to one Kafka cluster: views and keys beside another one's topics would be silently wrong."""

import psycopg
from psycopg import sql

from runtime import clients
from runtime.errors import Misconfigured
from runtime.settings import Settings

_CLAIM = "INSERT INTO origin (cluster) VALUES (%s) ON CONFLICT DO NOTHING"


def claim(settings: Settings) -> None:
    """The first start notes which cluster the schema's rows come from; raises Misconfigured under any other one."""
    _compare(settings, claiming=True)


def agree(settings: Settings) -> None:
    """Raises Misconfigured where the schema belongs to another cluster; what is not there yet is no reason."""
    try:
        _compare(settings, claiming=False)
    except (psycopg.OperationalError, psycopg.errors.UndefinedTable):
        return  # whoever needs the database says so itself


def _compare(settings: Settings, *, claiming: bool) -> None:
    if settings.postgres is None:
        return
    cluster = clients.cluster_id(settings)
    with psycopg.connect(settings.postgres.get_secret_value(), connect_timeout=5) as database:
        database.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(settings.schema_name)))
        if claiming:
            database.execute(_CLAIM, (cluster,))
        row = database.execute("SELECT cluster FROM origin").fetchone()
    if row is not None and row[0] != cluster:
        raise Misconfigured(
            f"schema {settings.schema_name} belongs to Kafka cluster {row[0]}, ACADEMY_KAFKA ({settings.kafka}) is "
            f"cluster {cluster}: name the right one, or use another prefix or database"
        )
