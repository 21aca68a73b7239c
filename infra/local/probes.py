"""Questions to something that may not be up yet: None when it is, else what is wrong in a few words."""

import socket
from collections.abc import Callable

import httpx
import psycopg
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

Probe = Callable[[], str | None]

# Seconds that one question may take: it must not hold up the supervisor, which asks again at once.
PATIENCE = 1.0


def kafka_away(bootstrap: str) -> str | None:
    """Whether a broker gives its metadata."""
    if all(_refuses(address) for address in bootstrap.split(",")):
        return "it does not listen"
    client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0, "reconnect.backoff.ms": 50})
    try:
        client.list_topics(timeout=PATIENCE)
    except KafkaException as error:
        return str(error.args[0].str())
    return None


def postgres_away(dsn: str) -> str | None:
    """Whether the database takes a login."""
    try:
        psycopg.connect(dsn, connect_timeout=2).close()  # libpq rounds anything below up to 2
    except psycopg.OperationalError as error:
        return str(error).strip().splitlines()[-1]
    return None


def health(port: int) -> dict[str, object] | None:
    """The JSON of a service's `/readyz`; None if it does not answer."""
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=PATIENCE, trust_env=False).json()
    except (httpx.HTTPError, ValueError):
        return None
    return answer if isinstance(answer, dict) else None


def service_away(port: int) -> str | None:
    """Whether a service says that it is ready, and if not what it waits for."""
    if _refuses(f"127.0.0.1:{port}"):
        return "its health port does not answer"
    answer = health(port)
    if answer is None:
        return "its health port does not answer"
    return None if answer.get("ready") is True else str(answer.get("detail") or "not ready")


def _refuses(address: str) -> bool:
    host, _, port = address.strip().rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE).close()
    except OSError:
        return True
    return False
