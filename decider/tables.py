"""The two tables that a decision looks at: the learned values, and the parameters in force."""

from typing import Any

from domain.parameters import Parameters
from domain.policies import Learned
from domain.q_learning import NO_VALUES, Marker, Values, with_rows
from runtime.errors import NotReady
from runtime.global_table import Chain, Folding, Rows

CURRENT = "parameters"
"""Key of the parameters in force on `policies`; `parameters|<version>` keeps each version."""


def _chain(key: str, value: Any) -> Chain | None:
    return Chain(key, value.version, value.previous, value.rows) if isinstance(value, Marker) else None


def _values(view: dict[str, Values], rows: Rows) -> dict[str, Values]:
    table, marker = rows[-1]
    return {**view, table: with_rows(view.get(table, NO_VALUES), rows[:-1], marker, table)}


def _parameters(view: dict[str, Parameters], rows: Rows) -> dict[str, Parameters]:
    return {**view, **dict(rows)}


Q_TABLE: Folding[dict[str, Values]] = Folding(
    "q-table", {}, _values, _chain, owner=lambda key: key.split("|")[0]
)
POLICIES: Folding[dict[str, Parameters]] = Folding("policies", {}, _parameters)


def learned(values: dict[str, Values], policies: dict[str, Parameters]) -> Learned:
    """What a decision may look at now; raises NotReady before the first start has configured the system."""
    parameters = policies.get(CURRENT)
    if parameters is None or parameters.table_id not in values:
        raise NotReady(
            "no parameters or no learning table yet; run `academy topics apply` and start the learner"
        )
    return Learned(values[parameters.table_id], parameters)
