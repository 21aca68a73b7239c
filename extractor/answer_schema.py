"""What a model answers: the names of `domain.extraction`, closed vocabularies, quotes before what rests on them."""

import hashlib
import json
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, WithJsonSchema

from domain.actions import ACTIONS
from domain.extraction import (
    Extraction,
    Fact,
    Family,
    Finances,
    Objection,
    OptOutSaid,
    Scheduling,
    Signal,
    SignUp,
)
from domain.vocabulary import (
    ExtractionStatus,
    Intent,
    Level,
    OptOut,
    Sentiment,
    Severity,
    SignalClass,
    Speaker,
    TopicClass,
)

SuggestedAction = Annotated[
    str | None, WithJsonSchema({"type": ["string", "null"], "enum": [*ACTIONS, None]})
]
"""Any string is taken: one that is no action costs the suggestion, not the answer."""


ITEMS = 40
"""Of a list that are looked at; no conversation has more, and each is looked up in it."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FactAnswer(_Part):
    """Something specific that the academy can act on."""

    quote: str
    speaker: Speaker
    text: str


class FinancesAnswer(_Part):
    """The sentences about cost, then how much it worries them."""

    mentions: list[str]
    concern_level: Level


class SchedulingAnswer(_Part):
    """When they can and cannot come."""

    constraints: list[str]
    preferred_times: list[str]


class FamilyAnswer(_Part):
    """A second child, a yes that is missing, notes."""

    siblings: list[str]
    decision_makers: list[str]
    household_notes: list[str]


class ObjectionAnswer(_Part):
    """A reason against."""

    quote: str
    topic: str
    topic_class: TopicClass
    detail: str
    severity: Severity
    addressed: bool


class SignalAnswer(_Part):
    """Anything else worth knowing."""

    quote: str
    signal: str
    signal_class: SignalClass
    detail: str
    urgency: Level
    suggested_action: SuggestedAction


class SignUpAnswer(_Part):
    """Whether they signed up."""

    quote: str | None
    value: bool


class OptOutAnswer(_Part):
    """Whether all contact is refused."""

    quote: str | None
    verdict: OptOut


class Answer(_Part):
    """All that a model says; a field has no default, for providers want each one required."""

    injection: bool
    facts: list[FactAnswer]
    open_questions: list[str]
    financial_signals: FinancesAnswer
    scheduling_constraints: SchedulingAnswer
    family_context: FamilyAnswer
    objections: list[ObjectionAnswer]
    additional_signals: list[SignalAnswer]
    signed_up: SignUpAnswer
    opt_out: OptOutAnswer
    sentiment: Sentiment
    intent: Intent
    summary: str

    def extraction(self, adapter: str, model: str) -> Extraction[str]:
        """The same under the domain's types; nothing is checked against the transcript yet."""
        money, times, family = self.financial_signals, self.scheduling_constraints, self.family_context
        return Extraction(
            adapter=adapter,
            model=model,
            status=ExtractionStatus.OK,
            summary=self.summary,
            facts=tuple(Fact(**vars(one)) for one in self.facts[:ITEMS]),
            intent=self.intent,
            sentiment=self.sentiment,
            open_questions=_few(self.open_questions),
            financial_signals=Finances(money.concern_level, _few(money.mentions)),
            scheduling_constraints=Scheduling(_few(times.constraints), _few(times.preferred_times)),
            family_context=Family(
                _few(family.siblings), _few(family.decision_makers), _few(family.household_notes)
            ),
            objections=tuple(Objection(**vars(one)) for one in self.objections[:ITEMS]),
            additional_signals=tuple(Signal(**vars(one)) for one in self.additional_signals[:ITEMS]),
            signed_up=SignUp(**vars(self.signed_up)),
            opt_out=OptOutSaid(**vars(self.opt_out)),
            injection=self.injection,
        )


def _few(texts: list[str]) -> tuple[str, ...]:
    return tuple(texts[:ITEMS])


@cache
def answer_schema() -> dict[str, Any]:
    """The JSON schema as providers take it in strict mode: everything required, nothing besides, no titles."""
    schema = Answer.model_json_schema()
    plain: dict[str, Any] = _bare(schema)
    return plain


@cache
def schema_hash() -> str:
    """SHA-256 of the schema, 16 hexadecimal digits."""
    return hashlib.sha256(json.dumps(answer_schema(), sort_keys=True).encode()).hexdigest()[:16]


def _bare(part: Any, *, names: bool = False) -> Any:
    """Without what says nothing to a model and costs tokens; `names`: the keys are fields, which may be called so."""
    if isinstance(part, list):
        return [_bare(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        key: _bare(one, names=key in ("properties", "$defs"))
        for key, one in part.items()
        if names or key not in ("title", "description")
    }
