"""The family of docs/decisions.md: told as over HTTP, then extracted, decided and learned in memory."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from domain.events import InteractionEnriched, Tick
from domain.parameters import Parameters
from domain.q_learning import Row
from domain.records import Decision, Hop, Transition
from domain.states import Lead
from ingest.bodies import InteractionBody, LeadBody
from ingest.intake import Origin, accept_interaction, accept_lead
from runtime.driver import Written
from tests import given
from tests.unit.test_flow import Flow

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Story:
    """One decision with what it came from and what it led to."""

    asked: dict[str, Any]
    lead: Lead
    moved: tuple[Hop, ...]
    enriched: InteractionEnriched
    decision: Decision
    ended_by: dict[str, Any]
    taught: Transition
    before: Row
    next_best: float
    after: Row
    parameters: Parameters


@cache
def story() -> Story:
    """The e-mail that is decided on, the e-mail that carries the decision out, and the call that closes it."""
    told = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    flow, lead = Flow(), told["lead"]
    asked, sent, called = told["interaction"]
    _tell(flow, lead, lead)
    first = _tell(flow, lead, asked)
    values, after = flow.table(), flow.decider.partition.get(lead["lead_id"])
    assert after is not None
    _tell(flow, lead, sent)
    last = _tell(flow, lead, called)
    taught: Transition = last["transitions"]
    return Story(
        asked=asked,
        lead=after,
        moved=first["transitions"].hops,
        enriched=first["enriched"],
        decision=first["decisions"],
        ended_by=called,
        taught=taught,
        before=values.row(taught.from_state, str(taught.action)),
        next_best=max(values.row(taught.to_state, action).q for action in taught.next_actions),
        after=flow.table().row(taught.from_state, str(taught.action)),
        parameters=given.PARAMETERS,
    )


def _tell(flow: Flow, lead: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    """One entry behind hourly ticks of its last day; what it led to, by topic."""
    at: datetime = entry["told_at"]
    for hour in range(24, 0, -1):
        flow.send(Tick(at - hour * HOUR))
    body = {name: value for name, value in entry.items() if name != "told_at"}
    origin = Origin("docs", at.isoformat())
    if entry is lead:
        intake = accept_lead(LeadBody.model_validate(body, strict=False), origin, at, flow.keys)
    else:
        body |= {"lead_id": lead["lead_id"], "occurred_at": at}
        made = InteractionBody.model_validate(body, strict=False)
        intake = accept_interaction(made, origin, at, flow.keys)
    return dict(_by_topic(flow.send(intake.event)))


def _by_topic(written: list[Written]) -> Iterator[tuple[str, Any]]:
    return (
        (one.topic, one.value) for one in written if one.topic in ("enriched", "decisions", "transitions")
    )
