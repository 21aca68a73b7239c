"""What came of decisions, and what reading has cost, over HTTP: for tokens that may analyse."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Engine, RowMapping

from domain.vocabulary import Failure, Status
from projections.api import outcome_queries as queries
from projections.api.outcome_queries import NANOS
from projections.api.outcome_views import (
    CostsView,
    CostView,
    FunnelView,
    RewardsView,
    RewardView,
    StageView,
    StepView,
)
from projections.api.outcomes_asked import CostsAsked, OutcomesAsked
from projections.api.reading import reading
from runtime.tokens import Scope
from runtime.web import needs


def router(engine: Engine) -> APIRouter:
    """The routes over one database."""
    outcomes = Outcomes(engine)
    routes = APIRouter(prefix="/api", tags=["outcomes"], dependencies=[Depends(needs(Scope.ANALYSE))])
    routes.get("/outcomes/funnel")(outcomes.get_funnel)
    routes.get("/outcomes/rewards")(outcomes.get_rewards)
    routes.get("/costs")(outcomes.get_costs)
    return routes


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The routes' functions; each takes one snapshot."""

    engine: Engine

    def get_funnel(self, asked: Annotated[OutcomesAsked, Query()]) -> FunnelView:
        """Who stands in each status, who came to it in a time, and every step that was taken."""
        window = asked.window()
        with reading(self.engine) as connection:
            standing = queries.standing(connection)
            reached = queries.reached(connection, asked.table, window)
            steps = queries.steps(connection, asked.table, window)
        return FunnelView(
            stages=[
                StageView(status=each, now=standing.get(each, 0), reached=reached.get(each, 0))
                for each in Status
            ],
            steps=[StepView.model_validate(dict(row)) for row in steps],
        )

    def get_rewards(self, asked: Annotated[OutcomesAsked, Query()]) -> RewardsView:
        """What decisions were worth, by action and arm."""
        with reading(self.engine) as connection:
            rows = queries.rewards(connection, asked.table, asked.window())
        return RewardsView(items=[RewardView.model_validate(dict(row)) for row in rows])

    def get_costs(self, asked: Annotated[CostsAsked, Query()]) -> CostsView:
        """What reading has cost by day, model and channel, and in all."""
        with reading(self.engine) as connection:
            rows = queries.costs(connection, asked.dimensions, asked.since, asked.until)
            (total,) = queries.costs(connection, (), asked.since, asked.until)
        return CostsView(items=[_cost(row) for row in rows], total=_cost(total))


def _cost(row: RowMapping) -> CostView:
    dollars = int(row["nanos"]) / NANOS
    failures = {each: row[f"failed_{each.value}"] for each in Failure}
    counted: dict[str, Any] = {name: row[name] for name in CostView.model_fields if name in row}
    return CostView(
        **counted,
        dollars=dollars,
        dollars_per_1000=1000 * dollars / row["interactions"] if row["interactions"] else 0.0,
        failures={each: number for each, number in failures.items() if number},
    )
