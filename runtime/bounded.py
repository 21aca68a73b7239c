"""A connection to Postgres whose statements are given up where no answer comes.

A server that is stopped or cut off takes bytes and says nothing: its own time limits help nobody then.
"""

from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.pq import TransactionStatus

CONNECT_S = 2
"""The least that libpq knows; a server that is there answers within milliseconds."""
SLACK_S = 0.5
"""What a server's own word that it took too long may need to arrive."""


class Bounded(psycopg.Connection[Any]):
    """Waits `seconds` for each answer, then closes itself and raises psycopg.OperationalError.

    `idle_seconds` is what a statement in no transaction may take: in a pool, that is only the look before lending.
    """

    seconds = idle_seconds = 5.0

    @classmethod
    def opened(cls, dsn: str, statement_seconds: float, **more: Any) -> "Bounded":
        """Connected within CONNECT_S; waits a little longer than the statement timeout that the server was given."""
        made = cls.connect(dsn, **{"connect_timeout": CONNECT_S, **more})
        made.seconds = made.idle_seconds = statement_seconds + SLACK_S
        return made

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """As psycopg calls it for everything that it asks of the server."""
        usual = self.idle_seconds if self.autocommit else self.seconds
        try:
            return super().wait(gen, interval, usual if timeout is None else timeout)
        except psycopg.OperationalError:
            if timeout is None and self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()
            raise
