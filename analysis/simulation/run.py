"""One run: a world's families against the product's own decisions, in simulated time, one table learned from all."""

import heapq
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from random import Random
from typing import Any

from analysis.simulation import events
from analysis.simulation.asking import Asked
from analysis.simulation.contenders import Contender
from analysis.simulation.households import DAY, START, Home, Outcome, outcome
from analysis.simulation.worlds import (
    FOLLOW,
    IGNORE,
    REJECT,
    Happening,
    Outreach,
    Recorded,
    Said,
    World,
)
from decider.service import EFFECTS
from domain.actions import ACTIONS
from domain.answers import on_time
from domain.decisions import Answer, answered
from domain.policies import Learned
from domain.q_learning import NO_VALUES, fold
from domain.records import Decision, TableCreated
from domain.seeds import seeds
from domain.states import Lead
from domain.vocabulary import Channel, OperatorAnswer, Status, Verdict

REGISTERED = timedelta(hours=1)
"""From a sign-up to the enrolment in the academy's records."""
AT_ONCE = timedelta(minutes=1)
"""The least that an answer to a message takes."""


def play(world: World, contender: Contender, seed: int, families: int) -> Outcome:
    """Run the world to its end; the same arguments give the same outcome. Raises BadWorld."""
    return _Run(world, contender, seed, families).outcome()


class _Run:
    """A queue of moments; each is answered by the domain's own functions and may add further ones."""

    def __init__(self, world: World, contender: Contender, seed: int, families: int) -> None:
        self._world, self._seed = Asked(world), seed
        self._moments: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._orders = count()
        self._decisions, self._reward = 0, 0.0
        self._learned = _begun(contender, seed)
        self._homes = [self._home(number) for number in range(families)]

    def outcome(self) -> Outcome:
        """Everything happens, in order of time."""
        for home in self._homes:
            self._at(home.arrived, partial(self._arrive, home))
        until = START + self._world.days * DAY
        while self._moments and self._moments[0][0] <= until:
            now, _, happen = heapq.heappop(self._moments)
            happen(now)
        return outcome(self._homes, self._decisions, self._reward)

    def _home(self, number: int) -> Home:
        family = self._world.family(number, self._luck(number, "family"))
        return Home(number, family, Lead(f"family-{number:04}"))

    def _luck(self, number: int, occasion: str) -> Random:
        """Of the seed, the family and the occasion alone: whatever the policy, the same (common random numbers)."""
        return Random(f"{self._world.name}|{self._seed}|{number}|{occasion}")  # noqa: S311 - luck, no secret

    def _at(self, at: datetime, happen: Callable[[datetime], None]) -> None:
        heapq.heappush(self._moments, (at, next(self._orders), happen))

    def _arrive(self, home: Home, now: datetime) -> None:
        self._tell(home, events.arrival(home.origin(now)), now)
        self._at(now + DAY, partial(self._day, home))

    def _day(self, home: Home, now: datetime) -> None:
        seen = home.seen(now, self._learned.parameters)
        luck = self._luck(home.number, f"day {round(seen.age)}")
        self._follow(home, self._world.daily(home.family, seen, luck), Channel.SMS, now)
        self._at(now + DAY, partial(self._day, home))

    def _tell(self, home: Home, event: Any, now: datetime) -> None:
        """One enriched event, as the decider answers it."""
        known = home.lead if home.is_known else None
        done = EFFECTS[type(event)](known, event, now, self._learned.parameters)
        self._take(home, answered(done, self._learned), now)

    def _take(self, home: Home, answer: Answer, now: datetime) -> None:
        """State, values and plans after an answer."""
        home.lead, home.is_known = answer.lead, True
        values = self._learned.values
        for each in answer.transitions:
            values = fold(values, each, values.version + 1)
            home.has_enrolled |= any(hop.to_status is Status.ENROLLED for hop in each.hops)
            self._reward += each.reward
        self._learned = replace(self._learned, values=values)
        if answer.decision.verdict is Verdict.DECISION:
            self._decisions += 1
            if answer.decision.scheduled_for is not None:
                self._at(answer.decision.scheduled_for, partial(self._propose, home, answer.decision))
        due = home.lead.due
        if due is not None and due != home.woken:
            home.woken = due
            self._at(max(due, now), partial(self._wake, home, due))

    def _wake(self, home: Home, due: datetime, now: datetime) -> None:
        if home.lead.due == due:
            home.woken = None
            offset = home.origin(now).offset
            woken = on_time(home.lead, due, now, offset, self._learned.parameters)
            self._take(home, answered(woken, self._learned), now)

    def _propose(self, home: Home, decision: Decision, now: datetime) -> None:
        """The moment of a proposal that still stands: the operator carries it out, or does something else."""
        standing = home.lead.in_force
        if standing is None or standing.decision_id != decision.decision_id:
            return
        home.proposals += 1
        proposed = self._outreach(home, decision, decision.action or "", decision.channel, now)
        luck = self._luck(home.number, f"operator {home.proposals}")
        does = self._world.operator(home.family, proposed, luck)
        if does == FOLLOW:
            self._carry_out(home, proposed, decision.decision_id, now)
        elif does == REJECT:
            act = events.answered(home.origin(now), decision.decision_id, OperatorAnswer.REJECTED)
            self._tell(home, act, now)
        elif does != IGNORE:
            self._do_instead(home, decision, does, now)

    def _do_instead(self, home: Home, decision: Decision, action: str, now: datetime) -> None:
        done = OperatorAnswer.EXECUTED
        self._tell(home, events.answered(home.origin(now), decision.decision_id, done, action), now)
        if ACTIONS[action].channels:
            self._carry_out(home, self._outreach(home, decision, action, None, now), None, now)

    def _carry_out(self, home: Home, outreach: Outreach, decision_id: str | None, now: datetime) -> None:
        """The academy calls or writes, and the family answers, later, or not at all."""
        home.contacts, home.last_action = home.contacts + 1, outreach.action
        luck = self._luck(home.number, f"contact {home.contacts}")
        followed = self._world.response(home.family, outreach, luck)
        channel = Channel(outreach.channel)
        talk = next((one for one in followed if isinstance(one, Said) and _is_talk(one, channel)), None)
        self._tell(home, events.outbound(home.origin(now), channel, decision_id, talk), now)
        if talk is not None and talk.signed_up:
            self._at(now + REGISTERED, partial(self._record, home, "enrolled"))
        self._follow(home, tuple(one for one in followed if one is not talk), channel, now)

    def _follow(self, home: Home, happenings: tuple[Happening, ...], channel: Channel, now: datetime) -> None:
        for one in happenings:
            at = now + max(timedelta(hours=one.after_hours), AT_ONCE)
            if isinstance(one, Recorded):
                self._at(at, partial(self._record, home, one.what))
            else:
                self._at(at, partial(self._say, home, one, Channel(one.channel or channel)))

    def _say(self, home: Home, said: Said, channel: Channel, now: datetime) -> None:
        self._tell(home, events.inbound(home.origin(now), channel, said), now)
        if said.signed_up:
            self._at(now + REGISTERED, partial(self._record, home, "enrolled"))

    def _record(self, home: Home, what: str, now: datetime) -> None:
        self._tell(home, events.RECORDS[what](home.origin(now)), now)

    def _outreach(
        self, home: Home, decision: Decision, action: str, channel: Channel | None, now: datetime
    ) -> Outreach:
        """On the channel decided, or the action's first: where its only one has failed, the desk tries it again."""
        seen = home.seen(now, self._learned.parameters)
        return home.outreach(seen, decision, action, channel or ACTIONS[action].channels[0])


def _is_talk(said: Said, channel: Channel) -> bool:
    """Whether it is said in the call itself."""
    return channel is Channel.VOICE and said.after_hours == 0 and said.channel in (None, Channel.VOICE)


def _begun(contender: Contender, seed: int) -> Learned:
    """The parameters, and the table as its creation leaves it."""
    parameters = contender.parameters(START, f"simulation-{seed}")
    created = TableCreated(
        transition_id="table-created",
        table_id=parameters.table_id,
        alpha=parameters.alpha,
        alpha_power=parameters.alpha_power,
        gamma=parameters.gamma,
        gamma_day=parameters.gamma_day,
        seeds=seeds(parameters.seed_pseudo_visits),
        recorded_at=START,
    )
    return Learned(fold(NO_VALUES, created, 0), parameters)
