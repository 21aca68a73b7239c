"""What follows from an extraction, by the domain's own functions: status, bucket, consent, next action."""

from dataclasses import dataclass, replace
from typing import Any

from domain.buckets import bucket, named
from domain.events import InteractionEnriched
from domain.extraction import Extraction
from domain.states import Lead
from domain.vocabulary import Bucket, Channel, Consent, Direction, Outcome, Status
from tests import given
from tests.answers import on_interaction
from tests.extraction.golden import Golden

_LEARNED = given.learned()
_EARLIER = 4  # contacts before this one, so that no action is masked for want of them (A2)


@dataclass(frozen=True, slots=True)
class Followed:
    """Where the household stands after one interaction, and what is to be done next."""

    status: Status
    bucket: Bucket
    consent: Consent
    action: str | None

    @property
    def state(self) -> str:
        """As learning sees it: `status:bucket`."""
        return named(self.status, self.bucket)


def followed(one: Golden, said: Extraction[str]) -> Followed:
    """A household in the status `was`, of which nothing else is known, has had this interaction."""
    return followed_by(said, one.was, (one.channel, one.direction, one.outcome))


def followed_by(said: Extraction[str], was: Status, how: tuple[Channel, Direction, Outcome]) -> Followed:
    """The same of any interaction.

    Sign-ups enrol (`enrolment_from = stated`), and the action is that of the seeded table without exploration.
    Only the adapter's verdict opts out here: what ingest stamps on its own is not the adapter's merit.
    """
    lead = replace(Lead("fam-1"), status=was, interactions=_EARLIER)
    answer = on_interaction(lead, _event(said, how), given.NOON, _LEARNED)
    after, action = answer.lead, answer.decision.action
    return Followed(
        after.status, bucket(after, given.NOON, _LEARNED.parameters), after.consent, action or None
    )


def _event(said: Extraction[str], how: tuple[Channel, Direction, Outcome]) -> InteractionEnriched:
    channel, direction, outcome = how
    words: Any = said  # sealed on the log; nothing that decides reads a text
    return given.contact(
        channel=channel, direction=direction, outcome=outcome, extraction=words, guardian_id="g1"
    )
