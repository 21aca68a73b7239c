"""What would be decided if a household stood otherwise, over HTTP; the connections can only read."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from fastapi import APIRouter, Depends
from sqlalchemy import Connection, Engine, RowMapping

from domain.records import Decision
from domain.states import Lead
from domain.what_if import Unassumable, WhatIf, what_if
from projections.api import context_queries, decision_texts, queries, what_if_queries
from projections.api.academy import UNNAMED, Academy
from projections.api.after import seen
from projections.api.drafts import Words
from projections.api.opening import Opener, prepared
from projections.api.reading import absent, reading
from projections.api.render import verdicts
from projections.api.views import MISSING
from projections.api.what_if_views import AssumedView, PresentView, WhatIfBody, WhatIfView
from runtime.keys import Keyring
from runtime.problems import invalid, unavailable
from runtime.tokens import Scope
from runtime.web import needs
from schemas.sealed import Unopenable


def _now() -> datetime:
    return datetime.now(UTC)


def router(
    engine: Engine, keys: Keyring, academy: Academy = UNNAMED, now: Callable[[], datetime] = _now
) -> APIRouter:
    """The route over one database; `now` is the moment of the decision."""
    questions = Questions(engine, keys, academy, now)
    routes = APIRouter(
        prefix="/api",
        tags=["read"],
        dependencies=[Depends(needs(Scope.READ)), Depends(seen(engine))],
        responses=MISSING,
    )
    routes.post("/what-if")(questions.ask_what_if)
    return routes


@dataclass(frozen=True, slots=True)
class Found:
    """What one snapshot gives: the household's row, the answer, the decision in force, and what was said, sealed."""

    household: RowMapping
    answer: WhatIf
    current: RowMapping | None
    said: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Questions:
    """The route's function; it takes one snapshot, and opens texts after it has let go of it."""

    engine: Engine
    keys: Keyring
    academy: Academy
    now: Callable[[], datetime]

    def ask_what_if(self, asked: WhatIfBody) -> WhatIfView:
        """What would be decided if some of a household's state were otherwise; nothing is written."""
        with reading(self.engine) as connection:
            found = _found(connection, asked, self.now())
        made = found.answer.decision
        return WhatIfView.model_validate(
            {
                **msgspec.to_builtins(made),
                "brief": decision_texts.brief_of(made, self._words(found)),
                "actions": verdicts(made.actions),
                "assumed": [AssumedView(**asdict(one)) for one in found.answer.assumed],
                "current": _present(found.current),
            }
        )

    def _words(self, found: Found) -> Words:
        keys = prepared(self.keys, (found.household["events"], found.said))
        opener = Opener(keys, found.household["lead_id"])
        try:
            record = decision_texts.record_of(found.household, opener)
        except Unopenable:
            record = None  # as a decision that was made: its draft does without names
        return Words(self.academy, record, decision_texts.quoted(found.answer.decision, found.said, opener))


def _found(connection: Connection, asked: WhatIfBody, now: datetime) -> Found:
    """Raises the problems 404, 422 and 503."""
    row = context_queries.household(connection, asked.lead_id)
    if row is None or row["folded"] is None:
        raise absent(connection, asked.lead_id)
    learned = what_if_queries.learned(connection)
    if learned is None:
        raise unavailable("The views have no parameters or no learning table yet.")
    lead = msgspec.convert({**row["folded"], "lead_id": asked.lead_id}, Lead)
    try:
        answer = what_if(lead, asked.set, now, learned)
    except Unassumable as wrong:
        raise invalid(*((f"set.{name}".rstrip("."), why) for name, why in wrong.errors)) from None
    current = queries.history(connection, asked.lead_id, None, 1)
    said = context_queries.extractions(connection, asked.lead_id, _named(answer.decision))
    return Found(row, answer, current[0] if current else None, said)


def _named(decision: Decision) -> frozenset[str]:
    """The events that the sentences of its draft rest on."""
    sentences = decision.brief.sentences if decision.brief else ()
    return frozenset(fact.event_id for sentence in sentences for fact in sentence.facts)


def _present(row: RowMapping | None) -> PresentView | None:
    return PresentView(decision_id=row["decision_id"], action=row["action"]) if row else None
