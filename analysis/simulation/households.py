"""A family of a run: what the academy knows of it, how far the run has come, and what became of all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from analysis.simulation.events import ZONE, Origin
from analysis.simulation.worlds import Family, Outreach, Seen
from domain.buckets import bucket
from domain.parameters import Parameters
from domain.records import Decision
from domain.states import Lead
from domain.vocabulary import Channel, Consent, Status

START = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
"""A Monday morning; every run begins here, whatever the day outside."""
DAY = timedelta(days=1)


@dataclass(slots=True)
class Home:
    """One household, with the counts that the run keeps of it."""

    number: int
    family: Family
    lead: Lead
    is_known: bool = False
    woken: datetime | None = None
    told: int = 0
    contacts: int = 0
    proposals: int = 0
    last_action: str | None = None
    has_enrolled: bool = False

    @property
    def arrived(self) -> datetime:
        """When its first record is made."""
        return START + self.family.day * DAY

    @property
    def is_lost(self) -> bool:
        """Whether it declined, or refused all contact."""
        return self.lead.status is Status.DECLINED or self.lead.consent is Consent.OPTED_OUT

    def origin(self, now: datetime) -> Origin:
        """Of its next event."""
        self.told += 1
        return Origin(self.lead.lead_id, self.told, now)

    def seen(self, now: datetime, parameters: Parameters) -> Seen:
        """As the academy sees it now."""
        return Seen(
            day=(now - START) / DAY,
            age=(now - self.arrived) / DAY,
            hour=now.astimezone(ZoneInfo(ZONE)).hour,
            status=self.lead.status,
            bucket=bucket(self.lead, now, parameters),
            status_days=(now - (self.lead.since or self.arrived)) / DAY,
            contacts=self.contacts,
            last_action=self.last_action,
        )

    def outreach(self, seen: Seen, decision: Decision, action: str, channel: Channel) -> Outreach:
        """A contact on what was decided."""
        return Outreach(
            day=seen.day,
            age=seen.age,
            hour=seen.hour,
            status=decision.status,
            bucket=decision.bucket,
            status_days=seen.status_days,
            contacts=seen.contacts,
            last_action=seen.last_action,
            action=action,
            channel=channel,
            open_actions=frozenset(each.action for each in decision.actions if each.allowed),
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the families of one run; `enrolled_later` is of the half that arrived last."""

    families: int
    enrolled: int
    enrolled_later: int
    active: int
    declined: int
    contacts: int
    decisions: int
    reward: float


def outcome(homes: Sequence[Home], decisions: int, reward: float) -> Outcome:
    """The homes counted at the end of a run."""
    last = sorted(homes, key=lambda home: (home.arrived, home.number))[len(homes) // 2 :]
    return Outcome(
        families=len(homes),
        enrolled=sum(home.has_enrolled for home in homes),
        enrolled_later=sum(home.has_enrolled for home in last),
        active=sum(home.lead.status is Status.ACTIVE for home in homes),
        declined=sum(home.is_lost for home in homes),
        contacts=sum(home.contacts for home in homes),
        decisions=decisions,
        reward=reward,
    )
