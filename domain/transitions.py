"""What a decision led to: the one transition that closes it, and `late` ones for what is heard later (D3, D7)."""

from dataclasses import dataclass
from datetime import datetime

from domain.actions import allowed
from domain.buckets import state_of
from domain.credit import Closed, closed, earlier, is_current, with_closed, with_outcome
from domain.events import derived_id
from domain.parameters import Parameters
from domain.q_learning import LATE
from domain.records import Hop, Transition
from domain.rewards import hops, opt_out, total
from domain.states import InForce, Lead
from domain.vocabulary import Consent, Status


@dataclass(frozen=True, slots=True)
class Cause:
    """The input that closes a decision, or moves a status: its id, place and times."""

    event_id: str
    root_offset: int
    now: datetime
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Passage:
    """A household before and after one cause, and the parameters in force."""

    before: Lead
    after: Lead
    cause: Cause
    parameters: Parameters


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a transition is worth to a decision, or to none; where it leads to is looked up when it is written.

    `stays` says that it leads to the decision's own state.
    """

    of: InForce | Closed | None
    kind: str
    reward: float
    steps: tuple[Hop, ...] = ()
    terminal: bool = False
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Taught:
    """What one input teaches, and the household's past decisions after it."""

    lessons: tuple[Lesson, ...]
    past: str


def closing(passed: Passage, path: tuple[Status, ...], kind: str) -> Taught:
    """The decision in force ends with the cause; what the cause is worth goes to the decision it credits.

    Without a decision that teaches, a moved status is recorded with action null and teaches nothing (D5).
    """
    before, cause, rewards = passed.before, passed.cause, passed.parameters.rewards
    steps = hops(path, rewards)
    refused = opt_out(before, passed.after, steps, rewards)
    if is_current(before, cause.occurred_at):
        return _closed(passed, kind, total(steps, refused, rewards), steps, refused)
    ended = _closed(passed, kind, 0.0 if steps or refused else rewards.stalled)
    if not steps and not refused:
        return ended
    earned = sum(hop.reward for hop in steps)
    credited = earlier(before.past, cause.occurred_at)
    told = _late(credited, earned + refused, steps)
    past = ended.past
    if credited is not None:
        moved = steps[-1].to_status if steps else credited.moved_to
        past = with_outcome(past, credited, moved_to=moved, earned=earned, refused=refused)
    return Taught((*ended.lessons, told), past)


def rejecting(passed: Passage, decision: InForce) -> Taught:
    """An operator will not carry the proposal out: same state, the other actions (R3)."""
    reward = passed.parameters.rewards.rejected
    past = with_closed(passed.before.past, decision, rejected=True)
    if not decision.teaches:  # a stop that learning chose has taught already
        return Taught((_late(closed(past)[-1], reward, credit_all=True),), past)
    return Taught((Lesson(decision, "rejection", reward, stays=True),), past)


def correcting(passed: Passage) -> Taught:
    """A status was misread: the decision in force ends for nothing, what the misreading taught is taken back (S5)."""
    before = passed.before
    steps = (Hop(before.status, passed.after.status, 0.0),)
    wrong = next((one for one in reversed(closed(before.past)) if one.moved_to is before.status), None)
    ended = _closed(passed, "organic", 0.0, steps)
    if wrong is None or not wrong.earned:
        return ended
    back = _late(wrong, -wrong.earned)
    return Taught((*ended.lessons, back), with_outcome(ended.past, wrong, earned=0.0))


def unrefusing(passed: Passage) -> Taught:
    """A refusal was misread: what it taught is taken back (S5)."""
    wrong = next((one for one in reversed(closed(passed.before.past)) if one.refused), None)
    ended = _closed(passed, "organic", 0.0)
    if wrong is None:
        return ended
    back = _late(wrong, -wrong.refused)
    return Taught((*ended.lessons, back), with_outcome(ended.past, wrong, refused=0.0))


def stopping(stop: InForce, parameters: Parameters) -> Lesson:
    """A `stop` that learning chose ends with itself (D4)."""
    return Lesson(stop, "organic", parameters.rewards.stopped, terminal=True, stays=True)


def _closed(
    passed: Passage, kind: str, reward: float, steps: tuple[Hop, ...] = (), refused: float = 0.0
) -> Taught:
    """The end of the decision in force, and the one transition that bootstraps from it."""
    after, decision, past = passed.after, passed.before.in_force, passed.before.past
    if decision is not None:
        moved = steps[-1].to_status if steps else None
        earned = sum(hop.reward for hop in steps)
        past = with_closed(past, decision, moved_to=moved, earned=earned, refused=refused)
    teaching = decision if decision and decision.teaches else None
    if teaching is None and not steps:
        return Taught((), past)
    terminal = after.status is Status.DECLINED or after.consent is Consent.OPTED_OUT
    return Taught((Lesson(teaching, kind, reward, steps, terminal),), past)


def _late(
    of: Closed | None, reward: float, steps: tuple[Hop, ...] = (), *, credit_all: bool = False
) -> Lesson:
    """More of a decision that is over: its reward alone; an override, or one forgotten, learns nothing."""
    credited = of if of is not None and (of.teaches or credit_all) else None
    return Lesson(credited, LATE, reward, steps)


def transition(passed: Passage, lesson: Lesson) -> Transition:
    """The lesson written out: where it leads to, and what may be done there."""
    lead, cause, parameters = passed.before, passed.cause, passed.parameters
    of, kind = lesson.of, lesson.kind
    over = kind == LATE or lesson.terminal
    role = f"{LATE if kind == LATE else 'transition'}:{of.decision_id if of else ''}"
    made = of if isinstance(of, InForce) else None
    return Transition(
        transition_id=derived_id(lead.lead_id, cause.event_id, role),
        lead_id=lead.lead_id,
        decision_id=of.decision_id if of else None,
        cause_event_id=cause.event_id,
        root_offset=cause.root_offset,
        table_id=parameters.table_id,
        kind=kind,
        from_state=of.state if of else state_of(lead, cause.now, parameters),
        action=of.action if of else None,
        hops=lesson.steps,
        reward=lesson.reward,
        to_state=of.state if of and lesson.stays else state_of(passed.after, cause.now, parameters),
        next_actions=() if over else allowed(passed.after, cause.now, parameters),
        terminal=lesson.terminal,
        elapsed_s=(cause.now - of.decided_at).total_seconds() if of else 0.0,
        rewards_version=parameters.rewards.version,
        executed_action=made.executed_action if made else None,
        policy_version=made.policy_version if made else None,
        mode=made.mode if made else None,
        arm=made.arm if made else None,
        recorded_at=cause.now,
        occurred_at=cause.occurred_at,
    )
