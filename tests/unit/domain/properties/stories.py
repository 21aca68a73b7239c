"""Random households' logs: events of every kind, told late and out of order, over random values and parameters."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product
from typing import Any

from hypothesis import strategies as st

from domain.actions import ACTIONS, STOP, WAIT
from domain.acts import (
    AttendanceTold,
    ConsentTold,
    DecisionAnswered,
    EnrolmentTold,
    PaymentTold,
    ReminderAnswered,
    ReminderSet,
    StatusTold,
)
from domain.buckets import named
from domain.events import (
    Child,
    Guardian,
    InteractionRecorded,
    LeadPatched,
    LeadRecorded,
    Repeated,
    TickEnriched,
)
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
    skipped,
)
from domain.parameters import Arm, Experiment, Exploration, Parameters
from domain.policies import Learned
from domain.presets import PRESETS, preset
from domain.q_learning import Row, Values
from domain.vocabulary import (
    Bucket,
    Channel,
    Consent,
    Direction,
    ExtractionStatus,
    Intent,
    Level,
    OperatorAnswer,
    OptOut,
    Outcome,
    Payment,
    ReminderAnswer,
    Sentiment,
    Severity,
    SignalClass,
    Speaker,
    Status,
    Told,
    TopicClass,
    Verdict,
)
from tests import given

LEADS = ("fam-1", "fam-2")
CHAMPION = 3
"""The promoted snapshot."""
VERSION = 7
"""Of the learning table that a story's decisions look at."""


@dataclass(frozen=True)
class Step:
    """One thing told: of whom, how long after the last one, how long after it took place, and what it says.

    `of` counts back to the decision that an act names, or to the step that is repeated; beyond the first there is
    none. `extraction` is what a contact's words say.
    """

    kind: type
    lead_id: str
    gap: timedelta
    late: timedelta
    says: dict[str, Any]
    of: int
    extraction: Extraction[str] | None


@dataclass(frozen=True)
class Story:
    """A log to be, and what its decisions look at."""

    learned: Learned
    steps: tuple[Step, ...]


# What the steps say: every choice is finite, so that one draw picks one of all.


def every(**choices: Iterable[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """One of all combinations; a choice that is listed twice is twice as likely, the first is the simplest."""
    lists = [list(of) for of in choices.values()]
    return st.sampled_from([dict(zip(choices, one, strict=True)) for one in product(*lists)])


ALLOWED = [*[Consent.CONTACTABLE] * 5, Consent.HELD, Consent.OPTED_OUT]
REFUSED = [*[OptOut.NO] * 10, OptOut.UNSURE, OptOut.YES]
PEOPLE = [None, "g1", "g2"]
ZONES = ["America/Chicago", "Asia/Kathmandu", "Australia/Lord_Howe", "Europe/Berlin", "Pacific/Apia"]
ADULTS = [
    tuple(Guardian(f"g{number}", given.WORDS, None, None, consent) for number, consent in enumerate(of, 1))
    for of in [(), *product(ALLOWED), *product(ALLOWED, ALLOWED)]
]
CHILDREN = [(), (Child("c1", None, 9, None),)]

ASIDES: list[dict[str, Any]] = [
    {"open_questions": ("words", "words")},
    {"family_context": Family(siblings=("words",))},
    {"family_context": Family(decision_makers=("words",), household_notes=("words",))},
    {"scheduling_constraints": Scheduling(("words",), ("words",))},
    {"facts": (Fact("words", "words", Speaker.FAMILY),)},
    {"signed_up": SignUp(value=True)},
    {"opt_out": OptOutSaid(OptOut.YES)},
    {"opt_out": OptOutSaid(OptOut.UNSURE)},
    *({"financial_signals": Finances(level, ("words",))} for level in Level),
    *(
        {"objections": (Objection("words", topic, "words", Severity.MEDIUM, addressed, "words"),)}
        for topic in (TopicClass.FINANCIAL, TopicClass.DISTANCE)
        for addressed in (False, True)
    ),
    *(
        {"additional_signals": (Signal("words", kind, "words", level, None, "words"),) * 2}
        for kind in (SignalClass.PAYMENT, SignalClass.COMPETITOR)
        for level in Level
    ),
]
"""What may be heard beside a stance."""


def _heard(status: ExtractionStatus, stance: dict[str, Any], beside: list[dict[str, Any]]) -> Extraction[str]:
    said = replace(skipped(status), **stance)
    for aside in beside if status is ExtractionStatus.OK else ():
        said = replace(said, **aside)
    return said


extractions = st.builds(
    _heard,
    st.sampled_from([*[ExtractionStatus.OK] * 6, *ExtractionStatus]),
    every(intent=Intent, sentiment=Sentiment),
    st.lists(st.sampled_from(ASIDES), max_size=2),
)

SAYS: dict[type, st.SearchStrategy[dict[str, Any]]] = {
    LeadRecorded: every(guardians=ADULTS, children=CHILDREN, time_zone=ZONES),
    LeadPatched: every(guardians=ADULTS, children=CHILDREN, time_zone=[None, *ZONES]),
    InteractionRecorded: every(
        opt_out=REFUSED,
        guardian_id=PEOPLE,
        outcome=[Outcome.COMPLETED, *Outcome],
        direction=Direction,
        channel=[Channel.SMS, *Channel],
    ),
    ConsentTold: every(
        false_detection=[False, True],
        guardian_id=PEOPLE,
        consent=[Consent.CONTACTABLE, Consent.HELD, Consent.CONTACTABLE, Consent.OPTED_OUT],
    ),
    EnrolmentTold: every(),
    AttendanceTold: every(attended=[True, False]),
    PaymentTold: every(outcome=Payment),
    StatusTold: every(status=Status, kind=Told),
    DecisionAnswered: every(answer=OperatorAnswer, action=[None, *ACTIONS]),
    ReminderSet: every(due_at=[given.later(days=1), given.later(days=9), given.later(days=40)]),
    ReminderAnswered: every(
        answer=ReminderAnswer, until=[given.later(days=5)], reminder_id=[f"event-{n}" for n in range(8)]
    ),
    Repeated: every(verdict=[Verdict.DUPLICATE, Verdict.CONFLICT]),
    TickEnriched: every(),
}
"""Every kind of input but an erasure, after which nothing is left to hold, and what it may say."""

TICKS = [timedelta(days=4), timedelta(hours=9), timedelta(days=1), timedelta(days=15)]
GAPS = [timedelta(days=1), timedelta(hours=5), timedelta(minutes=7), timedelta(0), timedelta(days=3)]
LATE = [timedelta(0)] * 3 + [timedelta(minutes=-5), timedelta(hours=6), timedelta(days=2), timedelta(days=20)]
OF = [0, 0, 0, 0, 0, 1, 2, 99]
OFTEN = [*[InteractionRecorded] * 6, *[TickEnriched] * 3, *SAYS, DecisionAnswered]
"""The first of a list is what a failing example is reduced to, and somewhat likelier than the rest."""


def _step(kind: type, told: dict[str, Any], says: dict[str, Any], heard: Extraction[str] | None) -> Step:
    return Step(kind, **told, says=says, extraction=heard)


_STEPS = {
    kind: st.builds(
        _step,
        st.just(kind),
        every(lead_id=[LEADS[0], *LEADS], gap=TICKS if kind is TickEnriched else GAPS, late=LATE, of=OF),
        says,
        extractions if kind is InteractionRecorded else st.none(),
    )
    for kind, says in SAYS.items()
}


def _steps_of(kind: type) -> st.SearchStrategy[Step]:
    return _STEPS[kind]


def steps(kinds: list[type]) -> st.SearchStrategy[Step]:
    return st.sampled_from(kinds).flatmap(_steps_of)


_ANYTHING = steps(OFTEN)


# What the decisions look at.

rows = st.builds(
    lambda q, visits, seeded: Row(q, visits, seeded, 0.0, VERSION),
    st.one_of(st.sampled_from([-1e9, 1e9]), st.floats(-2, 2)),
    st.integers(0, 40),
    st.sampled_from([0, 1, 20]),
)
favourites = st.sampled_from([None, STOP, WAIT, *ACTIONS])


def table(known: dict[str, Row], favourite: str | None) -> Values:
    """The same values in every state, so that every decision meets them."""
    if favourite is not None:
        known = {**known, favourite: Row(2e9, 3, 0, 0.0, VERSION)}
    states = {named(status, bucket): known for status in Status for bucket in Bucket}
    return Values("default", VERSION, 0.1, 0.9, states)


tables = st.builds(table, st.dictionaries(st.sampled_from(list(ACTIONS)), rows), favourites)

experiments = st.sampled_from(
    [
        None,
        Experiment("spring", "salt", (Arm("ucb", 1.0), Arm("rules", 1.0))),
        Experiment("autumn", "pepper", (Arm("rules", 0.2), Arm("champion", 3.0))),
    ]
)
explorations = every(
    seed=["academy", "another"], rate=[0.0, 0.1, 0.5, 1.0], width=[0.0, 0.5, 1e12], unseeded=[0.0, 0.1, 1.0]
).map(lambda how: Exploration(**how))
settings_of_operators: dict[str, st.SearchStrategy[Any]] = {
    "mode": st.sampled_from(["live", "promoted"]),
    "policy_id": st.sampled_from(["ucb", "rules"]),
    "ucb_c": st.sampled_from([0.0, 0.1, 1.0, 1e6]),
    "floor_visits": st.sampled_from([0, 20, 10_000]),
    "exploration": explorations,
    "experiment": experiments,
    "enrolment_from": st.sampled_from(["records", "stated"]),
    "contact_from_hour": st.sampled_from([0, 8, 11]),
    "contact_until_hour": st.sampled_from([12, 21, 24]),
    "contacts_per_day": st.integers(1, 3),
    "contacts_per_week": st.integers(1, 7),
    "cooldown_hours": st.sampled_from([0, 24, 72]),
    "answer_hours": st.sampled_from([0, 24]),
    "max_attempts": st.integers(1, 6),
    "unanswered_hours": st.sampled_from([1, 72]),
    "missed_sessions": st.integers(1, 3),
    "win_back_days": st.sampled_from([1, 30]),
    "decision_hours": st.sampled_from([1, 72]),
    "stop_after_interactions": st.sampled_from([0, 1, 3]),
    "decay_days": st.sampled_from([1, 14]),
    "rejection_days": st.sampled_from([0, 7]),
}
parameters = st.builds(
    lambda name, changes: replace(preset(name, given.NOON), champion=CHAMPION, **changes),
    st.sampled_from(sorted(PRESETS)),
    st.fixed_dictionaries({}, optional=settings_of_operators),
)


def stories(
    of: st.SearchStrategy[Step] = _ANYTHING,
    most: int = 24,
    settings: st.SearchStrategy[Parameters] = parameters,
) -> st.SearchStrategy[Story]:
    learned = st.builds(Learned, tables, settings, tables.map(lambda values: {CHAMPION: values}))
    told = st.lists(of, min_size=8, max_size=most).map(tuple)
    return st.builds(Story, learned, told)


def giving_up(story: Story) -> Story:
    """The story where learning would rather stop than do anything else, and soon may."""
    eager = replace(
        story.learned.parameters,
        stop_after_interactions=1,
        mode="live",
        policy_id="ucb",
        experiment=None,
        floor_visits=0,
        exploration=Exploration(),
    )
    return replace(story, learned=Learned(table({}, STOP), eager))
