"""The two tables that a decision looks at: the learned values, and the parameters in force."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from domain.parameters import Parameters
from domain.policies import Learned
from domain.q_learning import NO_VALUES, Marker, Values, with_rows
from domain.snapshots import Snapshot, frozen
from runtime.errors import NotReady
from runtime.global_table import Chain, Folding, Rows

CURRENT = "parameters"
"""Key of the parameters in force on `policies`; `parameters|<version>` keeps each version."""


def _chain(key: str, value: Any) -> Chain | None:
    return Chain(key, value.version, value.previous, value.rows) if isinstance(value, Marker) else None


def _values(view: dict[str, Values], rows: Rows) -> dict[str, Values]:
    table, marker = rows[-1]
    return {**view, table: with_rows(view.get(table, NO_VALUES), rows[:-1], marker, table)}


@dataclass(frozen=True, slots=True)
class Policies:
    """What `policies` holds for a decision: the parameters in force, and frozen tables by version."""

    current: Parameters | None = None
    snapshots: Mapping[int, Values] = field(default_factory=dict)


def _policies(view: Policies, rows: Rows) -> Policies:
    key, value = rows[-1]
    if isinstance(value, Snapshot):
        return replace(view, snapshots={**view.snapshots, value.version: frozen(value)})
    return replace(view, current=value) if key == CURRENT else view


Q_TABLE: Folding[dict[str, Values]] = Folding(
    "q-table", {}, _values, _chain, owner=lambda key: key.split("|")[0]
)
POLICIES: Folding[Policies] = Folding("policies", Policies(), _policies)


def learned(values: dict[str, Values], policies: Policies) -> Learned:
    """What a decision may look at now; raises NotReady before the first start has configured the system."""
    parameters = policies.current
    if parameters is None or parameters.table_id not in values:
        raise NotReady(
            "no parameters or no learning table yet; run `academy topics apply` and start the learner"
        )
    return Learned(values[parameters.table_id], parameters, policies.snapshots)
