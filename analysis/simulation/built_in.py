"""The built-in worlds by name: some to choose constants in, others to report on, one where the rules are right."""

from dataclasses import dataclass, replace

from analysis.simulation.town import Kind, Town
from analysis.simulation.worlds import Outreach, Said, World
from domain.rules import ruled
from domain.vocabulary import Bucket, Status

PRICE = Kind(
    name="price_sensitive",
    share=0.25,
    reached={"voice": 0.5, "sms": 0.65, "email": 0.45},
    helped={"scholarship_outreach": 0.4, "low_commitment_invite": 0.45, "info_send": 0.25},
    harmed={"scheduling_push": 0.1},
    says=Said(intent="considering", concern="high"),
    answer_hours=12,
    patience=8,
    loyal=0.85,
    welcomed=("welcome_onboard", "first_session_reminder"),
    kept=("retention_check_in", "scholarship_outreach"),
    leaves=0.002,
    pays=0.85,
)
BUSY = Kind(
    name="busy",
    share=0.2,
    reached={"voice": 0.15, "sms": 0.7, "email": 0.5},
    helped={"gentle_nudge": 0.35, "info_send": 0.3, "low_commitment_invite": 0.4, "objection_address": 0.25},
    harmed={"warm_follow_up": 0.08, "retention_check_in": 0.06},
    says=Said(intent="objecting", objections=("schedule",)),
    answer_hours=24,
    patience=8,
    loyal=0.75,
    welcomed=("first_session_reminder",),
    kept=("reschedule_offer",),
    leaves=0.002,
    pays=0.97,
)
UNDECIDED = Kind(
    name="undecided",
    share=0.25,
    reached={"voice": 0.55, "sms": 0.55, "email": 0.4},
    helped={"social_proof": 0.4, "gentle_nudge": 0.3, "low_commitment_invite": 0.35, "warm_follow_up": 0.2},
    harmed={"scheduling_push": 0.15},
    says=Said(intent="considering"),
    answer_hours=30,
    patience=5,
    loyal=0.8,
    welcomed=("welcome_onboard", "first_session_reminder"),
    kept=("social_proof", "barrier_investigation"),
    leaves=0.003,
    pays=0.97,
)
OTHER_DECIDES = Kind(
    name="other_decides",
    share=0.15,
    reached={"voice": 0.5, "sms": 0.5, "email": 0.5},
    helped={"family_engage": 0.5, "info_send": 0.35},
    harmed={"scheduling_push": 0.08},
    says=Said(intent="considering", deciders=1),
    answer_hours=36,
    patience=7,
    loyal=0.85,
    welcomed=("welcome_onboard",),
    kept=("family_engage", "retention_check_in"),
    leaves=0.002,
    pays=0.97,
)
IMPATIENT = Kind(
    name="impatient",
    share=0.15,
    reached={"voice": 0.65, "sms": 0.7, "email": 0.4},
    helped={"scheduling_push": 0.6, "info_send": 0.3},
    harmed={"gentle_nudge": 0.08, "warm_follow_up": 0.05},
    says=Said(intent="requesting_info", questions=1),
    answer_hours=3,
    patience=3,
    loyal=0.8,
    welcomed=("welcome_onboard",),
    kept=("reschedule_offer", "retention_check_in"),
    leaves=0.01,
    pays=0.95,
)
KINDS = (PRICE, BUSY, UNDECIDED, OTHER_DECIDES, IMPATIENT)

COLD_CALLED = tuple(
    replace(
        kind, reached={"voice": 0.1, "sms": 0.6, "email": 0.5}, helped={**kind.helped, "social_proof": 0.4}
    )
    for kind in KINDS
)
"""The same families once nobody picks up an unknown number any more, and everybody asks what others say."""

REACHABLE = tuple(
    replace(
        kind,
        reached=dict.fromkeys(("voice", "sms", "email"), 0.55),
        welcomed=("welcome_onboard",),
        kept=("retention_check_in", "reschedule_offer", "channel_switch"),
    )
    for kind in KINDS
)
"""The same families, reached on every channel alike, and kept by what the rules do for members."""

SUBURB = tuple(
    replace(kind, share=share, helped={action: 0.8 * chance for action, chance in kind.helped.items()})
    for kind, share in zip(KINDS, (0.15, 0.35, 0.2, 0.1, 0.2), strict=True)
)
"""Busier families, and what helps them helps less."""

VALLEY = tuple(
    replace(kind, share=share, harmed={action: 1.5 * chance for action, chance in kind.harmed.items()})
    for kind, share in zip(KINDS, (0.35, 0.1, 0.3, 0.2, 0.05), strict=True)
)
"""Families who mind a wrong word more."""

RIGHT, WRONG = (0.4, 0.01), (0.05, 0.1)
"""Chances of a step on and of a refusal, by the book and otherwise."""


@dataclass(frozen=True)
class ByTheBook(Town):
    """Whatever the kind: what `domain/rules.toml` would do helps, and anything else harms."""

    def chances(self, kind: Kind, outreach: Outreach) -> tuple[float, float]:  # noqa: ARG002 - a town gives it
        """High for the rules' action in what was seen, low for every other."""
        return RIGHT if is_by_the_book(outreach) else WRONG


@dataclass(frozen=True)
class Tidy(Town):
    """Half of what helps is the kind's own, half what the rules would do."""

    def chances(self, kind: Kind, outreach: Outreach) -> tuple[float, float]:
        """The mean of a town's chances and those by the book."""
        by_book = RIGHT if is_by_the_book(outreach) else WRONG
        helped, harmed = Town.chances(self, kind, outreach)
        return (helped + by_book[0]) / 2, (harmed + by_book[1]) / 2


def is_by_the_book(outreach: Outreach) -> bool:
    """Whether the contact is what the rules would have done."""
    allowed = dict.fromkeys(outreach.open_actions)
    return outreach.action == ruled(Status(outreach.status), Bucket(outreach.bucket), allowed)


BUILT_IN: dict[str, World] = {
    "suburb": Town(SUBURB, tuning=True),
    "valley": Town(VALLEY, slowness=3.0, tuning=True),
    "tidy": Tidy(REACHABLE, overrides=0.15, tuning=True),
    "mixed": Town(KINDS),
    "slow_answers": Town(KINDS, slowness=5.0),
    "drift": Town(KINDS, later=COLD_CALLED),
    "own_minds": Town(KINDS, overrides=0.3),
    "by_the_book": ByTheBook(REACHABLE),
}
"""Those with `tuning` are for choosing constants, the others for reporting what came of them."""

ABOUT = {
    "suburb": "many busy families, and what helps them helps less",
    "valley": "answers after days, and families who mind a wrong word more",
    "tidy": "half of what helps is what the rules do; the desk does not follow 15 % of the proposals",
    "mixed": "five hidden kinds, each helped and harmed by other actions than the rules believe",
    "slow_answers": "the same families, who take five times as long to answer: most answers come late",
    "drift": "half way nobody takes calls any more, and what others say begins to count",
    "own_minds": "the desk does not follow 30 % of the proposals: it rejects, ignores, or calls as it always did",
    "by_the_book": "what `domain/rules.toml` does helps, anything else harms: nothing is to be gained",
}
"""In a sentence, for a person."""
