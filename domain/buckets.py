"""The context bucket: what the situation is about, first match wins (B1-B10)."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from domain.context import UNREACHED
from domain.parameters import Parameters
from domain.states import Lead, SeenSignal
from domain.vocabulary import Bucket, Intent, Level, Sentiment, Status, TopicClass

STATES = 90
"""9 statuses by 10 buckets."""

WORRIED = (Level.MODERATE, Level.HIGH)


def state_of(lead: Lead, now: datetime, parameters: Parameters) -> str:
    """The state that learning sees: `status:bucket`."""
    return named(lead.status, bucket(lead, now, parameters))


def named(status: Status, about: Bucket) -> str:
    """The state's name."""
    return f"{status.value}:{about.value}"


def bucket(lead: Lead, now: datetime, parameters: Parameters) -> Bucket:
    """The first bucket whose rule holds; `neutral` always does (B10)."""
    return next(name for name, holds in _RULES.items() if holds(lead, now, parameters))


def _unreached(lead: Lead, _now: datetime, _parameters: Parameters) -> bool:
    attempt = lead.attempt
    if attempt is None or attempt.outcome not in UNREACHED:
        return False
    return lead.inbound_at is None or lead.inbound_at < attempt.at


def _stance(*wanted: tuple[Intent, Sentiment | None]) -> "_Rule":
    def holds(lead: Lead, _now: datetime, _parameters: Parameters) -> bool:
        stance = lead.context.stance
        return stance is not None and any(
            stance.intent is intent and sentiment in (None, stance.sentiment) for intent, sentiment in wanted
        )

    return holds


def _financial(lead: Lead, _now: datetime, _parameters: Parameters) -> bool:
    owing = lead.membership is not None and lead.membership.owed is not None
    return owing or (lead.context.concern is not None and lead.context.concern.level in WORRIED)


def _objections(lead: Lead, _now: datetime, _parameters: Parameters) -> bool:
    return any(objection.topic_class is not TopicClass.FINANCIAL for objection in lead.context.objections)


def _family(lead: Lead, _now: datetime, _parameters: Parameters) -> bool:
    return lead.context.deciders is not None or lead.context.siblings is not None


def news(lead: Lead, now: datetime, parameters: Parameters) -> Iterator[SeenSignal]:
    """The additional signals that matter and are new (B9)."""
    since = now - timedelta(days=parameters.novel_days)
    return (signal for signal in lead.context.signals if signal.urgency in WORRIED and signal.at > since)


def _novel(lead: Lead, now: datetime, parameters: Parameters) -> bool:
    return any(True for _signal in news(lead, now, parameters))


_Rule = Callable[[Lead, datetime, Parameters], bool]
_RULES: dict[Bucket, _Rule] = {
    Bucket.UNREACHED: _unreached,
    Bucket.NEGATIVE: _stance((Intent.DECLINING, Sentiment.NEGATIVE)),
    Bucket.SCHEDULING_INTENT: _stance((Intent.SCHEDULING, None)),
    Bucket.POSITIVE_ENGAGEMENT: _stance((Intent.INTERESTED, Sentiment.POSITIVE)),
    Bucket.FINANCIAL_CONCERN: _financial,
    Bucket.HAS_OBJECTIONS: _objections,
    Bucket.FAMILY_CONTEXT: _family,
    Bucket.CONSIDERING: _stance((Intent.CONSIDERING, None)),
    Bucket.NOVEL_SIGNAL: _novel,
    Bucket.NEUTRAL: lambda _lead, _now, _parameters: True,
}
