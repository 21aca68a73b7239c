"""What would be decided if a household stood otherwise: a few things of its state are assumed, nothing is written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from domain.answers import moved
from domain.context import HOUSEHOLD
from domain.decisions import decide
from domain.events import derived_id
from domain.parameters import Parameters
from domain.policies import Learned
from domain.records import Decision
from domain.states import Attempt, Concern, Lead, Membership, Mention, OpenObjection, SeenSignal, Stance
from domain.transitions import Cause
from domain.vocabulary import (
    Channel,
    Consent,
    Intent,
    Level,
    Outcome,
    Sentiment,
    Severity,
    SignalClass,
    Status,
    TopicClass,
)

NO_OFFSET = -1
"""Root offset of what no event caused."""

MOST_ATTEMPTS = 20
"""Unanswered attempts that can be assumed: more than any academy allows (A4)."""


class Unassumable(ValueError):
    """Something that cannot be assumed; `errors` are pairs of a name, or nothing, and a sentence without a value."""

    def __init__(self, errors: tuple[tuple[str, str], ...]) -> None:
        super().__init__("; ".join(f"{name} {sentence}".strip() for name, sentence in errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Moment:
    """When the assumed takes place, by which event in name, and under which parameters."""

    event_id: str
    now: datetime
    parameters: Parameters


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be assumed: its vocabulary, how it stands, and the household with it set."""

    values: tuple[str, ...]
    read: Callable[[Lead, datetime], str | None]
    write: Callable[[Lead, str, Moment], Lead]


@dataclass(frozen=True, slots=True)
class Assumed:
    """How one thing stood, and how it is assumed to stand; None where nothing is known of it."""

    name: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The decision on an assumed state; its id follows from lead and assumptions, and stands on no topic."""

    decision: Decision
    assumed: tuple[Assumed, ...]


def what_if(lead: Lead, changes: Mapping[str, str], now: datetime, learned: Learned) -> WhatIf:
    """What would be decided now; raises Unassumable."""
    moment = Moment(_event_id(lead, changes), now, learned.parameters)
    after = assume(lead, changes, moment)
    decided = decide(after, Cause(moment.event_id, NO_OFFSET, now, now), learned)
    assumed = (
        Assumed(name, SETTINGS[name].read(lead, now), SETTINGS[name].read(after, now)) for name in changes
    )
    return WhatIf(decided, tuple(assumed))


def assume(lead: Lead, changes: Mapping[str, str], moment: Moment) -> Lead:
    """The household with these things set, and all else as it stands; raises Unassumable.

    What is set as it stands already keeps the event that it rests on.
    """
    wrong = tuple(_wrong(changes))
    if wrong:
        raise Unassumable(wrong)
    for name, value in changes.items():
        setting = SETTINGS[name]
        if setting.read(lead, moment.now) != value:
            lead = setting.write(lead, value, moment)
    return lead


def _wrong(changes: Mapping[str, str]) -> list[tuple[str, str]]:
    wrong = []
    for name, value in changes.items():
        if name not in SETTINGS:
            wrong.append(("", f"holds a name that cannot be assumed; these can: {', '.join(SETTINGS)}"))
        elif value not in SETTINGS[name].values:
            wrong.append((name, f"must be {', '.join(SETTINGS[name].values)}"))
    return wrong


def _event_id(lead: Lead, changes: Mapping[str, str]) -> str:
    told = "&".join(f"{name}={value}" for name, value in sorted(changes.items()))
    return derived_id(lead.lead_id, told, "what-if")


def _with_consent(lead: Lead, value: str, _moment: Moment) -> Lead:
    """Of everybody known, else of the household itself (S2)."""
    return replace(lead, consents=dict.fromkeys(lead.consents or (HOUSEHOLD,), Consent(value)))


def _stance(lead: Lead, moment: Moment) -> Stance:
    known = lead.context.stance or Stance("", Intent.UNCLEAR, Sentiment.NEUTRAL)
    return replace(known, event_id=moment.event_id)


def _with_intent(lead: Lead, value: str, moment: Moment) -> Lead:
    stance = replace(_stance(lead, moment), intent=Intent(value))
    return replace(lead, context=replace(lead.context, stance=stance))


def _with_sentiment(lead: Lead, value: str, moment: Moment) -> Lead:
    stance = replace(_stance(lead, moment), sentiment=Sentiment(value))
    return replace(lead, context=replace(lead.context, stance=stance))


def _with_concern(lead: Lead, value: str, moment: Moment) -> Lead:
    concern = Concern(moment.event_id, Level(value), 0)
    return replace(lead, context=replace(lead.context, concern=concern))


def _with_objection(lead: Lead, value: str, moment: Moment) -> Lead:
    topic, known = TopicClass(value), lead.context.objections
    if any(objection.topic_class is topic for objection in known):
        return lead
    added = OpenObjection(moment.event_id, 0, topic, Severity.MEDIUM)
    return replace(lead, context=replace(lead.context, objections=(*known, added)))


def _with_signal(lead: Lead, value: str, moment: Moment) -> Lead:
    added = SeenSignal(moment.event_id, 0, SignalClass(value), Level.MODERATE, moment.now, None)
    return replace(lead, context=replace(lead.context, signals=(*lead.context.signals, added)))


def _with_failed(lead: Lead, value: str, moment: Moment) -> Lead:
    attempt = Attempt(moment.event_id, Channel(value), Outcome.NO_ANSWER, moment.now, 2)
    return replace(lead, attempt=attempt)


def _with_session(lead: Lead, value: str, moment: Moment) -> Lead:
    known = lead.membership or Membership()
    missed = Mention(moment.event_id, 1) if value == "yes" else None
    return replace(lead, membership=replace(known, missed=missed, missed_in_row=1 if missed else 0))


def _with_payment(lead: Lead, value: str, moment: Moment) -> Lead:
    known = lead.membership or Membership()
    owed = Mention(moment.event_id, 1) if value == "owed" else None
    return replace(lead, membership=replace(known, owed=owed))


def _failed(lead: Lead, _now: datetime) -> str | None:
    attempt = lead.attempt
    return attempt.channel.value if attempt and attempt.failed_in_row >= 2 else None


def _listed(values: list[str]) -> str | None:
    return ", ".join(dict.fromkeys(values)) or None


SETTINGS: dict[str, Setting] = {
    "status": Setting(
        tuple(Status),
        lambda lead, _now: lead.status.value,
        lambda lead, value, moment: moved(lead, Status(value), moment.now, moment.parameters),
    ),
    "consent": Setting(tuple(Consent), lambda lead, _now: lead.consent.value, _with_consent),
    "intent": Setting(
        tuple(Intent),
        lambda lead, _now: lead.context.stance.intent.value if lead.context.stance else None,
        _with_intent,
    ),
    "sentiment": Setting(
        tuple(Sentiment),
        lambda lead, _now: lead.context.stance.sentiment.value if lead.context.stance else None,
        _with_sentiment,
    ),
    "financial": Setting(
        tuple(Level),
        lambda lead, _now: lead.context.concern.level.value if lead.context.concern else None,
        _with_concern,
    ),
    "objection": Setting(
        tuple(TopicClass),
        lambda lead, _now: _listed([objection.topic_class.value for objection in lead.context.objections]),
        _with_objection,
    ),
    "signal": Setting(
        tuple(SignalClass),
        lambda lead, _now: _listed([signal.signal_class.value for signal in lead.context.signals]),
        _with_signal,
    ),
    "failed": Setting(tuple(Channel), _failed, _with_failed),
    "missed_session": Setting(
        ("yes", "no"),
        lambda lead, _now: "yes" if lead.membership and lead.membership.missed else "no",
        _with_session,
    ),
    "payment": Setting(
        ("owed", "paid"),
        lambda lead, _now: "owed" if lead.membership and lead.membership.owed else "paid",
        _with_payment,
    ),
    "attempts": Setting(
        tuple(str(number) for number in range(MOST_ATTEMPTS + 1)),
        lambda lead, now: str(sum(at <= now for at in lead.unanswered)),
        lambda lead, value, moment: replace(lead, unanswered=(moment.now,) * int(value)),
    ),
}
"""By name, as `academy explain --set name=value` and `POST /api/what-if` take them."""
