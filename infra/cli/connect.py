"""Settings with the addresses of the local system filled in, where none are given."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from infra.local import status
from infra.local.errors import NotRunningError
from infra.local.layout import Layout
from infra.local.settings import LocalSettings
from infra.local.stack import infrastructure
from runtime.settings import Settings


def connected(settings: LocalSettings, prefix: str | None = None) -> LocalSettings:
    """Kafka and Postgres from the environment, else from the running local stack.

    Raises NotRunningError where there is neither.
    """
    changes: dict[str, object] = {} if prefix is None else {"topic_prefix": prefix}
    if settings.kafka is None or settings.postgres is None:
        layout = Layout.at(settings.data_dir)
        known = status.read(layout)
        changes |= {} if settings.kafka else {"kafka": known.kafka}
        changes |= (
            {} if settings.postgres else {"postgres": SecretStr(_with_password(known.postgres, layout))}
        )
    return settings.model_copy(update=changes)


@contextmanager
def broker(settings: LocalSettings, prefix: str | None) -> Iterator[Settings]:
    """The broker and database that run, or those of a stopped local system, started for as long as they are read."""
    try:
        at = connected(settings, prefix)
    except NotRunningError:
        layout = Layout.at(settings.data_dir)
        if not layout.kafka.exists():
            raise
        with infrastructure(layout, settings) as addresses:
            named = {} if prefix is None else {"topic_prefix": prefix}
            found = {"kafka": addresses.kafka, "postgres": SecretStr(addresses.postgres)}
            yield settings.model_copy(update={**found, **named})
    else:
        yield at


def _with_password(dsn: str | None, layout: Layout) -> str:
    password = layout.postgres_password.read_text().strip()
    return f"{dsn} password={password}" if dsn and "://" not in dsn else _in_url(dsn or "", password)


def _in_url(dsn: str, password: str) -> str:
    head, _at, tail = dsn.partition("@")
    return f"{head}:{password}@{tail}"


def token(layout: Layout) -> str:
    """The local token with all scopes."""
    return Path(layout.token).read_text().strip()
