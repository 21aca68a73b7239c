"""What a model was asked for one extraction, and what came of it: recorded, since it is asked only once (E4)."""

from dataclasses import dataclass, field
from datetime import datetime

from domain.vocabulary import Failure


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with all its tries; `failure` says why rules answered in the model's place.

    Tokens are those of every try that the provider counted, cached and written ones a part of `tokens_in`. The cost
    is in billionths of a US dollar, at the prices that `price_version` names. `dropped` counts by field what the
    transcript does not bear out (E2).
    """

    model: str
    failure: Failure | None
    attempts: int
    latency_ms: int
    asked_at: datetime | None
    tokens_in: int
    tokens_cached: int
    tokens_written: int
    tokens_out: int
    price_version: str
    cost_nanos: int
    prompt_hash: str
    schema_hash: str
    dropped: dict[str, int] = field(default_factory=dict)
