"""Whose a decision or a reminder is, asked of the views; a courtesy to operators, the verdict is the decider's."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg

from domain.vocabulary import Verdict
from runtime.errors import Misconfigured, NotReady
from runtime.settings import Settings

CONNECT_S = 3
"""A server that is away is told of before an operator gives up."""
STATEMENT_MS = 3000
"""Every question reads by an index: whatever takes longer is an overloaded server."""

_DECISION = Verdict.DECISION.value
_LEAD_OF = """
SELECT lead_id, verdict, EXISTS (
    SELECT FROM decisions AS later
    WHERE later.lead_id = this.lead_id AND later.sequence > this.sequence AND later.verdict = %s
)
FROM decisions AS this WHERE decision_id = %s
"""
_ANSWERED = "SELECT EXISTS (SELECT FROM decisions WHERE lead_id = %s AND cause_event_id = %s)"

_KEYED = "SELECT EXISTS (SELECT FROM keys WHERE subject = %s OR starts_with(subject, %s || '/'))"

# A state that has counted the answer which brought the reminder says whether it is open; before, nothing is known.
_REMINDER = """
SELECT known.lead_id, coalesce(state.folded -> 'reminders' @> %(open)s::jsonb, false) AS is_open
FROM (
    SELECT lead_id, sequence FROM decisions WHERE decision_id = %(id)s AND scheduled_for IS NOT NULL
    UNION ALL
    SELECT answer.lead_id, answer.sequence
    FROM interactions AS told
    JOIN decisions AS answer ON answer.lead_id = told.lead_id AND answer.cause_event_id = told.event_id
    WHERE told.event_id = %(id)s AND told.kind = 'reminder'
) AS known
JOIN lead_states AS state ON state.lead_id = known.lead_id
WHERE (state.folded ->> 'sequence')::bigint > known.sequence
ORDER BY is_open DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A record of the view: its household, and whether a later decision has taken its place."""

    lead_id: str
    is_decision: bool = True
    superseded: bool = False


@dataclass(frozen=True, slots=True)
class FoundReminder:
    """A reminder's household, and whether it is still open."""

    lead_id: str
    is_open: bool = True


class Decisions(Protocol):
    """What ingest asks of the views; `DecisionsView` is the one over Postgres."""

    def lead_of(self, decision_id: str) -> Found | None:
        """The record with this id; None if the view has none, or not yet. Raises NotReady."""

    def answered(self, lead_id: str, event_id: str) -> bool:
        """Whether this event of the household has its answer already. Raises NotReady."""

    def reminder(self, reminder_id: str) -> FoundReminder | None:
        """The reminder with this id; None if the views have none, or not yet. Raises NotReady."""

    def keyed(self, subject: str) -> bool:
        """Whether this household or person ever had a key, and so anything sealed. Raises NotReady."""


class DecisionsView:
    """The views in Postgres; safe to share between threads, for each question has a connection of its own.

    Operators ask a few times a minute: nothing is kept that could break meanwhile.
    """

    def __init__(self, settings: Settings) -> None:
        if settings.postgres is None:
            raise Misconfigured(
                "ACADEMY_POSTGRES is not set; `academy run` sets it for the embedded database"
            )
        self._dsn, self._schema = settings.postgres.get_secret_value(), settings.schema_name

    def lead_of(self, decision_id: str) -> Found | None:
        """The record with this id; None if the view has none, or not yet. Raises NotReady."""
        row = self._ask(_LEAD_OF, (_DECISION, decision_id))
        return Found(row[0], row[1] == _DECISION, row[2]) if row else None

    def answered(self, lead_id: str, event_id: str) -> bool:
        """Whether this event of the household has its answer already. Raises NotReady."""
        row = self._ask(_ANSWERED, (lead_id, event_id))
        return row is not None and bool(row[0])

    def reminder(self, reminder_id: str) -> FoundReminder | None:
        """The reminder with this id; None if the views have none, or not yet. Raises NotReady."""
        wanted = json.dumps([{"reminder_id": reminder_id}])
        row = self._ask(_REMINDER, {"id": reminder_id, "open": wanted})
        return FoundReminder(row[0], row[1]) if row else None

    def keyed(self, subject: str) -> bool:
        """Whether this household or person ever had a key, and so anything sealed. Raises NotReady."""
        row = self._ask(_KEYED, (subject, subject))
        return row is not None and bool(row[0])

    def _ask(self, question: str, values: Sequence[str] | Mapping[str, str]) -> tuple[Any, ...] | None:
        options = f"-c search_path={self._schema} -c statement_timeout={STATEMENT_MS}"
        try:
            with psycopg.connect(self._dsn, connect_timeout=CONNECT_S, options=options) as database:
                return database.execute(question, values).fetchone()
        except psycopg.errors.UndefinedTable:
            raise NotReady(f"schema {self._schema} has no views yet; run: academy db migrate") from None
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise NotReady(f"Postgres does not answer ({type(error).__name__})") from None
