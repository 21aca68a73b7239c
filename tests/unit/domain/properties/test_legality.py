"""S3, S4, B, D: whatever is told, statuses move along the table; decisions are chained, closed and credited once."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise, product

from hypothesis import given as such_that
from hypothesis import settings

from domain.acts import DecisionAnswered
from domain.acts_enriched import StatusEnriched
from domain.buckets import bucket
from domain.events import InteractionEnriched, LeadEnriched, TickEnriched
from domain.records import Decision
from domain.states import (
    Attempt,
    Concern,
    Context,
    Lead,
    Membership,
    Mention,
    OpenObjection,
    SeenSignal,
    Stance,
)
from domain.vocabulary import (
    Bucket,
    Channel,
    Direction,
    Intent,
    Level,
    Outcome,
    Payment,
    Sentiment,
    Severity,
    SignalClass,
    Status,
    TopicClass,
    Verdict,
)
from runtime.transform import Record, Wake
from tests import given
from tests.answers import on_lead, on_payment
from tests.unit.domain.properties.stories import LEADS, OFTEN, Story, giving_up, steps, stories
from tests.unit.domain.properties.telling import Handled, Telling, decisions, told

STEPS = {
    "new": ["contacted", "declined"],
    "contacted": ["interested", "declined"],
    "interested": ["trial", "declined"],
    "trial": ["enrolled", "declined"],
    "enrolled": ["active", "at_risk"],
    "active": ["at_risk"],
    "at_risk": ["active", "inactive", "declined"],
    "inactive": ["at_risk", "declined"],
    "declined": [],
}
"""The table of S3, a step at a time (S4)."""

ANSWERED = steps([*OFTEN, *[DecisionAnswered] * 9])
"""Steps of households whose decisions are answered by operators."""

STATES = {f"{status}:{bucket}" for status in Status for bucket in Bucket}


def by_operator(each: Handled) -> bool:
    return isinstance(each.told, Record) and isinstance(each.told.value, StatusEnriched)


@settings(max_examples=25)
@such_that(stories())
def test_s3_s4_every_hop_is_a_step_of_the_table_or_an_operators_word(story: Story) -> None:
    for each in told(story):
        here = each.before.status if each.before else Status.NEW
        paths = [transition.hops for transition in each.transitions if transition.hops]
        assert len(paths) == (here is not each.after.status)
        for path in paths:
            assert (path[0].from_status, path[-1].to_status) == (here, each.after.status)
            assert all(one.to_status is next_one.from_status for one, next_one in pairwise(path))
            assert by_operator(each) or all(hop.to_status in STEPS[hop.from_status] for hop in path)


NOW = given.NOON
OLD, FRESH = NOW - timedelta(days=30), NOW - timedelta(days=29)
STANCES = [None, *(Stance("e", intent, sentiment) for intent in Intent for sentiment in Sentiment)]
CONCERNS = [None, *(Concern("e", level, 1) for level in Level)]
OBJECTIONS = [
    (OpenObjection("e", 0, topic, Severity.LOW),) for topic in (TopicClass.FINANCIAL, TopicClass.FIT)
]
ATTEMPTS = [
    Attempt("e", Channel.VOICE, outcome, NOW, 1) for outcome in (Outcome.COMPLETED, Outcome.NO_ANSWER)
]
SIGNALS = [
    (SeenSignal("e", 0, SignalClass.OTHER, level, at, None),)
    for level in (Level.LOW, Level.MODERATE)
    for at in (OLD, FRESH)
]
MENTIONED = [(None, None), (Mention("e", 1), None), (None, Mention("e", 1))]
OWING = [None, Membership(owed=Mention("e", 1))]
HEARD = [NOW - timedelta(hours=1), NOW]


def holding(lead: Lead) -> list[bool]:
    """B1-B10 in their order, written once more."""
    said = lead.context
    stance = (said.stance.intent, said.stance.sentiment) if said.stance else (None, None)
    missed = lead.attempt is not None and lead.attempt.outcome is not Outcome.COMPLETED
    level = said.concern.level if said.concern else Level.NONE
    fresh = [one.urgency for one in said.signals if (NOW - one.at).days < 30]
    return [
        missed and lead.inbound_at != NOW,
        stance == (Intent.DECLINING, Sentiment.NEGATIVE),
        stance[0] is Intent.SCHEDULING,
        stance == (Intent.INTERESTED, Sentiment.POSITIVE),
        lead.membership is not None or level in (Level.MODERATE, Level.HIGH),
        [one.topic_class for one in said.objections] == [TopicClass.FIT],
        said.deciders is not None or said.siblings is not None,
        stance[0] is Intent.CONSIDERING,
        Level.MODERATE in fresh,
        True,
    ]


def test_b1_b2_b3_b4_b5_b6_b7_b8_b9_b10_every_situation_is_in_the_first_bucket_that_holds() -> None:
    """All of them, not a sample."""
    found: Counter[Bucket] = Counter()
    for stance, concern, objections, signals, (deciders, siblings) in product(
        STANCES, CONCERNS, [(), *OBJECTIONS], [(), *SIGNALS], MENTIONED
    ):
        context = Context(stance, concern, objections, signals, deciders, siblings)
        for attempt, heard, owed in ((None, None, None), *product(ATTEMPTS, HEARD, OWING)):
            lead = Lead("f", context=context, attempt=attempt, inbound_at=heard, membership=owed)
            about = bucket(lead, NOW, given.PARAMETERS)
            assert about is list(Bucket)[holding(lead).index(True)]
            found[about] += 1
    assert set(found) == set(Bucket)


@settings(max_examples=25)
@such_that(stories())
def test_b10_a_state_is_one_of_ninety(story: Story) -> None:
    for each in told(story):
        decision = each.decision
        assert decision.status is each.after.status
        assert decision.bucket == bucket(each.after, decision.decided_at, story.learned.parameters)
        assert decision.state == f"{decision.status}:{decision.bucket}"
        assert {decision.state, *(one.to_state for one in each.transitions)} <= STATES
        assert {one.from_state for one in each.transitions} <= STATES


@settings(max_examples=25)
@such_that(stories())
def test_d1_what_asks_for_a_decision_gets_one_and_a_tick_alone_never_does(story: Story) -> None:
    for each in told(story):
        if isinstance(each.told, Wake):
            assert each.before is not None
            assert each.before.due == each.told.due <= each.told.now
        elif isinstance(each.told.value, LeadEnriched):
            assert each.after.in_force is not None
        elif isinstance(each.told.value, InteractionEnriched):
            event = each.told.value
            asks = event.direction is Direction.INBOUND or event.channel is Channel.VOICE
            assert not asks or each.decision.verdict is Verdict.DECISION


@settings(max_examples=25)
@such_that(stories())
def test_d3_answers_have_no_gap_and_each_decision_supersedes_the_last(story: Story) -> None:
    following: Counter[str] = Counter()
    last: dict[str, str] = {}
    for each in told(story):
        decision = each.decision
        assert decision.sequence == following[decision.lead_id]
        following[decision.lead_id] += 1
        if decision.verdict is Verdict.DECISION:
            assert decision.supersedes == last.get(decision.lead_id)
            last[decision.lead_id] = decision.decision_id
        in_force = each.after.in_force.decision_id if each.after.in_force else None
        assert in_force == last.get(decision.lead_id)


@settings(max_examples=60)
@such_that(stories(ANSWERED) | stories(ANSWERED).map(giving_up))
def test_d3_a_decision_bootstraps_once_and_is_credited_under_its_own_state_and_action(story: Story) -> None:
    made: dict[str | None, Decision] = {}
    bootstrapped: Counter[str] = Counter()
    for each in told(story):
        if each.decision.verdict is Verdict.DECISION:
            made[each.decision.decision_id] = each.decision
        for transition in each.transitions:
            if transition.decision_id is None:
                continue
            own = made[transition.decision_id]
            assert own.lead_id == transition.lead_id
            assert (own.state, own.action) == (transition.from_state, transition.action)
            assert transition.elapsed_s == (transition.recorded_at - own.decided_at).total_seconds() >= 0
            bootstrapped[own.decision_id] += transition.kind != "late"
    assert max(bootstrapped.values(), default=0) <= 1


@settings(max_examples=25)
@such_that(stories() | stories().map(giving_up))
def test_d3_r2_what_ends_a_decision_says_what_may_come_next_unless_it_ends_for_good(story: Story) -> None:
    for each in told(story):
        for transition in each.transitions:
            gone = each.decision.override in ("declined", "opted_out")
            stops = transition.decision_id == each.decision.decision_id
            if transition.kind == "late":
                assert (transition.next_actions, transition.terminal) == ((), False)
            elif gone or stops:
                assert (transition.next_actions, transition.terminal) == ((), True)
            elif each.decision.override is None:
                open_now = tuple(one.action for one in each.decision.actions if one.allowed)
                assert (transition.next_actions, transition.terminal) == (open_now, False)


@settings(max_examples=25)
@such_that(stories())
def test_d4_nothing_expires_before_its_time_nor_outlives_a_tick_past_it(story: Story) -> None:
    telling = Telling(story)
    for key, event in telling.events():
        telling.driver.send(key, event)
        if isinstance(event, TickEnriched):
            states = [telling.driver.partition.get(lead) for lead in LEADS]
            dues = [state.due for state in states if state is not None and state.due is not None]
            assert all(due > event.recorded_at for due in dues)

    made = {each.decision.decision_id: each.decision for each in telling.handled}
    for each in telling.handled:
        for transition in each.transitions:
            if transition.kind == "expiry" and transition.decision_id is not None:
                expires_at = made[transition.decision_id].expires_at
                assert isinstance(each.told, Wake)
                assert expires_at is not None
                assert expires_at <= transition.recorded_at
                assert transition.hops == ()


@settings(max_examples=25)
@such_that(stories() | stories().map(giving_up))
def test_d4_a_decision_ends_after_its_moment_and_an_end_has_no_end(story: Story) -> None:
    for each in decisions(story):
        decision = each.decision
        if decision.action == "stop" or decision.override:
            assert decision.expires_at is None
        else:
            assert decision.expires_at is not None
            assert decision.expires_at > (decision.scheduled_for or decision.decided_at)


def test_d1_a_household_of_which_something_was_told_before_its_record_gets_its_first_decision_with_it() -> (
    None
):
    learned = given.learned()
    paid = on_payment(None, given.payment(given.NOON, Payment.PAID), given.NOON, learned)
    assert paid.decision.verdict is Verdict.NONE

    answer = on_lead(paid.lead, given.lead(), given.later(hours=1), learned)

    assert (answer.decision.verdict, answer.decision.sequence) == (Verdict.DECISION, 1)
    assert answer.lead.in_force is not None
