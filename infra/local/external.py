"""A broker or database that somebody else runs: waited for at start, told of without its password."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import quote, urlencode

from psycopg.conninfo import conninfo_to_dict

from infra.local.errors import UnreachableError
from infra.local.probes import Probe, kafka_away, postgres_away

# Between two tries: someone is starting it by hand.
EVERY = 0.5
SECRETS = {"password", "sslpassword"}


@dataclass(frozen=True, slots=True)
class External:
    """Something to wait for; `variable` is the setting that names it."""

    what: str
    address: str
    variable: str
    probe: Probe = field(repr=False)


def external_kafka(bootstrap: str) -> External:
    """A broker by its bootstrap servers."""
    return External("Kafka", bootstrap, "ACADEMY_KAFKA", partial(kafka_away, bootstrap))


def external_postgres(dsn: str) -> External:
    """A database by its DSN."""
    return External("PostgreSQL", without_password(dsn), "ACADEMY_POSTGRES", partial(postgres_away, dsn))


def await_answer(external: External, seconds: float, say: Callable[[str], None]) -> None:
    """Return once it answers; raises `UnreachableError` after `seconds`."""
    until = time.monotonic() + seconds
    while (reason := external.probe()) is not None:
        if time.monotonic() > until:
            raise UnreachableError(
                what=external.what,
                address=external.address,
                seconds=seconds,
                reason=reason,
                variable=external.variable,
            )
        say(f"{external.what} at {external.address} is away ({reason}); trying for {seconds:.0f} s")
        time.sleep(EVERY)


def without_password(dsn: str) -> str:
    """The same database as a URL that may be shown."""
    parts = {name: str(value) for name, value in conninfo_to_dict(dsn).items() if name not in SECRETS}
    user, host, port, name = (parts.pop(key, "") for key in ("user", "host", "port", "dbname"))
    place = (f"{quote(user)}@" if user else "") + host + (f":{port}" if port else "")
    return f"postgresql://{place}/{name}" + (f"?{urlencode(parts)}" if parts else "")
