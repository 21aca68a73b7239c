"""What is likely to be done for a household over the next steps, over HTTP."""

from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from sqlalchemy import Engine

from domain.plans import Step, planned
from domain.policies import basis_of
from projections.api import erasure_queries, learning_queries, queries, what_if_queries
from projections.api.after import seen
from projections.api.asked import LeadId
from projections.api.names import ActionName, DecisionId, State
from projections.api.reading import absent, reading
from projections.api.tags import Freshness
from projections.api.views import MISSING
from runtime.problems import unavailable
from runtime.tokens import Scope
from runtime.web import needs


class StepView(BaseModel):
    """One step: the action in the state expected then, and what most often followed it."""

    state: State
    action: ActionName
    q: float = Field(description="what the action is worth there, in units of reward")
    visits: int = Field(description="real outcomes behind that value")
    wait_s: float | None = Field(description="seconds until what followed, on average; null: nothing known")
    leads_to: State | None = Field(description="the state that most often followed")
    share: float | None = Field(description="how often it was that one, 0 to 1", examples=[0.62])


class PlanView(BaseModel):
    """A forecast from the decision in force: at most three steps, each decided anew when its time comes."""

    lead_id: str
    decision_id: DecisionId
    decided_at: datetime
    table_id: str
    table_version: int = Field(description="of the values that the plan was rolled out with")
    steps: list[StepView]


def router(engine: Engine) -> APIRouter:
    """The route over one database."""
    routes = APIRouter(
        prefix="/api",
        tags=["read"],
        dependencies=[Depends(needs(Scope.READ)), Depends(seen(engine))],
        responses=MISSING,
    )
    routes.get("/nba/{lead_id}/plan")(Plans(engine).get_plan)
    return routes


@dataclass(frozen=True, slots=True)
class Plans:
    """The route's function; it takes one snapshot."""

    engine: Engine

    def get_plan(self, lead_id: LeadId, fresh: Freshness) -> PlanView:
        """The decision in force and what is likely to come after it, from what followed such actions so far."""
        with reading(self.engine) as connection:
            rows = queries.history(connection, lead_id, None, 1)
            if not rows or erasure_queries.is_erased(connection, lead_id):
                raise absent(connection, lead_id, "decision for this lead")
            learned = what_if_queries.learned(connection)
            if learned is None:
                raise unavailable("The views have no parameters or no learning table yet.")
            record = rows[0]["record"]
            values = basis_of(record["arm"], learned).values
            follows = partial(learning_queries.next_states, connection, record["table_id"])
            steps = planned(record["state"], record["action"], values, follows)
        fresh.unless_had(rows, values.version, steps)
        return PlanView(
            lead_id=lead_id,
            decision_id=rows[0]["decision_id"],
            decided_at=rows[0]["decided_at"],
            table_id=record["table_id"],
            table_version=values.version,
            steps=[_step(step) for step in steps],
        )


def _step(step: Step) -> StepView:
    return StepView(**asdict(step))
