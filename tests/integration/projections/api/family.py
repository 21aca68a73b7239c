"""A household with contact points, two conversations and a text message, told by its log."""

from dataclasses import replace
from datetime import datetime

from domain.events import Child, Guardian, LeadPatched, Sealed
from domain.extraction import Extraction, Fact, Family, Objection, Signal
from domain.vocabulary import Channel, Direction, Level, Severity, SignalClass, Speaker, TopicClass
from projections.api.academy import Academy
from runtime.keys import Keys, child, guardian, household
from schemas.sealed import seal
from tests import given
from tests.unit.projections.household import SAID, Story

LEAD = "fam-7"
ACADEMY = Academy(name="Lakeshore Hoops Academy", staff="Coach Ray", says={"aid": "scholarships"})

LATER: Extraction[str] = replace(
    SAID,
    summary="The drive was talked over, the aunt decides with them.",
    facts=(
        Fact("Mia has her own racket", "she has her own racket", Speaker.FAMILY),
        Fact("Mia plays tennis", "still plays tennis", Speaker.FAMILY),
    ),
    open_questions=("Is there a beginners' class?",),
    family_context=Family(("a brother, 6",), ("the aunt",), ("speaks Spanish at home",)),
    objections=(
        Objection(
            "distance", TopicClass.DISTANCE, "car pool solves it", Severity.LOW, True, "we can car pool"
        ),
        Objection("fit", TopicClass.FIT, "shy in big groups", Severity.MEDIUM, False, "she is shy"),
    ),
    additional_signals=(
        Signal("referral", SignalClass.REFERRAL, "a neighbour", Level.LOW, None, "our neighbour told us"),
    ),
)


class Family7:
    """A household with contact points, two conversations and a text message."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self.story = Story(keys, LEAD, partition=1)
        self.story.record(name="Dana Whitfield")
        self.story.tell(self.record(given.later(minutes=1)))
        self.first = self.story.call(given.later(days=1))
        self.second = self.story.call(given.later(days=2), LATER)
        self.message = self.story.call(
            given.later(days=2, hours=1),
            replace(LATER, summary=None, facts=()),
            channel=Channel.SMS,
            direction=Direction.INBOUND,
            duration_s=None,
        )

    def record(self, at: datetime) -> LeadPatched:
        names = {"g1": "Dana Whitfield", "g2": "Sam Whitfield"}
        return LeadPatched(
            event_id="patch-7",
            lead_id=LEAD,
            recorded_at=at,
            occurred_at=at,
            given=("guardians", "children", "campaign_goal"),
            guardians=tuple(
                Guardian(
                    who,
                    self.sealed(guardian(LEAD, who), "name", name),
                    self.sealed(guardian(LEAD, who), "phone", f"+1 555 010{who[1]}"),
                    None,
                )
                for who, name in names.items()
            ),
            children=(
                Child(
                    "c1",
                    self.sealed(child(LEAD, "c1"), "name", "Mia"),
                    9,
                    self.sealed(child(LEAD, "c1"), "programme", "tennis"),
                ),
            ),
            time_zone=None,
            campaign_goal=self.sealed(household(LEAD), "campaign_goal", "Enroll Mia in tennis"),
            body_hash=b"hash",
        )

    def sealed(self, subject: str, field: str, text: str) -> Sealed:
        return seal(self.keys.of(subject), "patch-7", field, text)
