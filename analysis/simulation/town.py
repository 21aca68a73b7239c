"""The built-in model of a town: kinds of families, what helps and what harms each, drift, and a desk with habits."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random

from analysis.simulation.worlds import (
    FOLLOW,
    IGNORE,
    REJECT,
    Family,
    Happening,
    Outreach,
    Recorded,
    Said,
    Seen,
    World,
)
from domain.vocabulary import Channel, Status

HELPED, HARMED = 0.12, 0.02
"""Chances of an answered contact whose action a kind has no feelings about: a step on, and a refusal."""
TIRED = 0.01
"""Further chance of a refusal for each contact beyond a kind's patience, as long as it has not enrolled."""
PESTERED = 0.03
"""Chance that a contact beyond twice the patience, even unanswered, ends in `leave us alone`."""
REFUSES_ALL = 0.3
"""Share of refusals that opt out of everything."""
BACK = 0.15
"""Chance that a family at risk comes to a session by itself."""
ARRIVALS = 0.75
"""Share of the run in which families arrive."""

MEMBERS = (Status.ENROLLED, Status.ACTIVE, Status.AT_RISK)
STEPS = {
    Status.NEW: Said(intent="interested", sentiment="positive"),
    Status.CONTACTED: Said(intent="interested", sentiment="positive"),
    Status.INTERESTED: Said(intent="scheduling", sentiment="positive"),
    Status.TRIAL: Said(intent="interested", sentiment="positive", signed_up=True),
    Status.INACTIVE: Said(intent="considering"),
}
"""What a family says that goes one step on; members say that all is well."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A hidden type of family."""

    name: str
    share: float
    reached: Mapping[str, float]
    """Chance that a contact on the channel is answered."""
    helped: Mapping[str, float]
    """Chance that an answered contact with this action takes the family a step on."""
    harmed: Mapping[str, float]
    """Chance that it turns the family away."""
    says: Said
    """What is on its mind when it neither goes on nor away."""
    answer_hours: float
    """Mean time to the answer of a message."""
    patience: int
    """Contacts that it bears."""
    loyal: float
    """Chance that it comes to a session."""
    welcomed: tuple[str, ...]
    """Actions after which a new member comes more often."""
    kept: tuple[str, ...]
    """Actions after which a member at risk comes more often."""
    leaves: float
    """Chance of a day, before enrolment, of deciding against the academy unasked."""
    pays: float
    """Chance that a month's payment comes."""


@dataclass(frozen=True)
class Town(World):
    """Families of some kinds, drawn by their shares."""

    kinds: tuple[Kind, ...]
    later: tuple[Kind, ...] = ()
    """The same kinds as they are in the second half of the run; absent: as before."""
    slowness: float = 1.0
    """Multiplies the time to an answer."""
    overrides: float = 0.0
    """Share of the proposals that the desk does not follow."""
    habits: Mapping[str, float] = field(default_factory=lambda: {REJECT: 0.4, IGNORE: 0.2})
    """What it does with those; the rest of the share is the habitual action."""
    habit: str = "warm_follow_up"
    days: int = 90
    tuning: bool = False

    def family(self, number: int, luck: Random) -> Family:  # noqa: ARG002 - World gives it
        """A kind, a day of arrival, and the weekday of its sessions."""
        shares = [kind.share for kind in self.kinds]
        kind = luck.choices(self.kinds, shares)[0]
        day = luck.uniform(0, self.days * ARRIVALS)
        return Family(kind.name, day, {"weekday": luck.randrange(7)})

    def response(self, family: Family, outreach: Outreach, luck: Random) -> tuple[Happening, ...]:
        """Silence, a refusal, a step on, or what is on the family's mind."""
        kind = self._kind(family, outreach.day)
        answers, turn, worst = luck.random(), luck.random(), luck.random()
        after = luck.expovariate(1 / (kind.answer_hours * self.slowness))
        hours = 0.0 if outreach.channel == Channel.VOICE else after
        if answers >= kind.reached[outreach.channel]:
            pestered = outreach.contacts > 2 * kind.patience and worst < PESTERED
            return (_refusal(after, opts_out=True),) if pestered else ()
        helped, harmed = self.chances(kind, outreach)
        if outreach.status not in MEMBERS:
            harmed += TIRED * max(0, outreach.contacts - kind.patience)
        if turn < harmed:
            return (_refusal(hours, opts_out=worst < REFUSES_ALL),)
        if turn < harmed + helped:
            said = STEPS.get(Status(outreach.status), Said(intent="interested", sentiment="positive"))
            return (replace(said, after_hours=hours),)
        return (replace(kind.says, after_hours=hours),)

    def daily(self, family: Family, seen: Seen, luck: Random) -> tuple[Happening, ...]:
        """Sessions once a week and payments once a month for members; others may decide against us."""
        kind = self._kind(family, seen.day)
        day, weekday, draw = round(seen.age), family.traits["weekday"], luck.random()
        if seen.status not in MEMBERS:
            open_yet = seen.status not in (Status.INACTIVE, Status.DECLINED)
            return (_refusal(0.0, opts_out=False),) if open_yet and draw < kind.leaves else ()
        if seen.status == Status.ACTIVE and day % 30 == weekday:
            return (Recorded("paid" if draw < kind.pays else "payment_missed"),)
        if day % 7 == weekday:
            return (Recorded("attended" if draw < _attends(kind, seen) else "missed"),)
        return ()

    def operator(self, family: Family, outreach: Outreach, luck: Random) -> str:  # noqa: ARG002 - World gives it
        """Follows, or does as the desk has always done."""
        if luck.random() >= self.overrides:
            return FOLLOW
        draw = luck.random()
        for does, share in self.habits.items():
            if draw < share:
                return does
            draw -= share
        return self.habit

    def chances(self, kind: Kind, outreach: Outreach) -> tuple[float, float]:
        """Of a step on and of a refusal, once the contact is answered."""
        action = outreach.action
        return kind.helped.get(action, HELPED), kind.harmed.get(action, HARMED)

    def _kind(self, family: Family, day: float) -> Kind:
        kinds = self.later if self.later and day >= self.days / 2 else self.kinds
        return next(kind for kind in kinds if kind.name == family.kind)


def _refusal(after_hours: float, *, opts_out: bool) -> Said:
    return Said(after_hours, intent="declining", sentiment="negative", opt_out=opts_out)


def _attends(kind: Kind, seen: Seen) -> float:
    if seen.status == Status.ENROLLED:
        return kind.loyal - (0.0 if seen.last_action in kind.welcomed else 0.25)
    if seen.status == Status.AT_RISK:
        return BACK + (0.4 if seen.last_action in kind.kept else 0.0)
    return kind.loyal
