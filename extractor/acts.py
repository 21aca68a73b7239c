"""What a clause does, which intent that is, and what said after it takes its place (E8)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from domain.vocabulary import Intent
from extractor.heard import Clause


class Act(IntEnum):
    """What a clause does; a weak act counts only if nothing firm is said."""

    ASK = 0
    WARM = 1
    DOUBT = 2
    COOL = 3
    OBJECT = 4
    WANT = 5
    CONSIDER = 6
    VISIT = 8
    LATER = 7
    SIGN = 9
    REFUSE = 10


ACTS = {
    "stance.declining": Act.REFUSE,
    "stance.weak_declining": Act.COOL,
    "stance.signed_up": Act.SIGN,
    "stance.interested": Act.WANT,
    "stance.weak_interested": Act.WARM,
    "stance.scheduling": Act.VISIT,
    "stance.considering": Act.CONSIDER,
    "stance.later": Act.LATER,
    "stance.weak_considering": Act.DOUBT,
    "stance.objecting": Act.OBJECT,
    "stance.requesting_info": Act.ASK,
}
INTENTS = {
    Act.ASK: Intent.REQUESTING_INFO,
    Act.WARM: Intent.INTERESTED,
    Act.DOUBT: Intent.CONSIDERING,
    Act.COOL: Intent.DECLINING,
    Act.OBJECT: Intent.OBJECTING,
    Act.WANT: Intent.INTERESTED,
    Act.CONSIDER: Intent.CONSIDERING,
    Act.LATER: Intent.CONSIDERING,
    Act.VISIT: Intent.SCHEDULING,
    Act.SIGN: Intent.INTERESTED,
    Act.REFUSE: Intent.DECLINING,
}
FIRM = frozenset({Act.CONSIDER, Act.LATER, Act.VISIT, Act.SIGN, Act.REFUSE})
GIVES_WAY = {
    Act.ASK: frozenset(Act) - {Act.ASK},
    Act.WARM: frozenset(Act) - {Act.ASK, Act.WARM},
    Act.DOUBT: frozenset(Act) - {Act.ASK, Act.WARM, Act.DOUBT},
    Act.COOL: frozenset(Act) - {Act.ASK, Act.WARM, Act.DOUBT, Act.OBJECT},
    Act.OBJECT: FIRM | {Act.COOL},
    Act.WANT: FIRM | {Act.COOL, Act.OBJECT},
    Act.CONSIDER: FIRM - {Act.CONSIDER} | {Act.WANT},
    Act.LATER: FIRM - {Act.CONSIDER} | {Act.WANT},
    Act.VISIT: FIRM - {Act.VISIT},
    Act.SIGN: frozenset({Act.REFUSE}),
    Act.REFUSE: frozenset({Act.LATER, Act.WANT, Act.VISIT, Act.SIGN}),
}
"""For each act, what said after it takes its place: an objection after a refusal is its reason, and so on."""


@dataclass(frozen=True, slots=True, eq=False)
class Stance:
    """A position taken in one clause; `answers` if it is one only beside what the academy has said."""

    act: Act
    clause: Clause
    answers: bool = False


def final(stances: Iterable[Stance]) -> Stance | None:
    """The one that stands at the end, None of none."""
    now: Stance | None = None
    for later in stances:
        if now is None or later.act in GIVES_WAY[now.act]:
            now = later
    return now
