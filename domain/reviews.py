"""What goes to the operators' queue at once, and what takes it off again (S6)."""

from domain.events import InteractionEnriched
from domain.moves import is_two_way
from domain.states import Lead, Review, changed
from domain.transitions import Cause
from domain.vocabulary import Consent, Direction, ReviewKind, Status

OF_STATUS = (ReviewKind.DECLINED_BY_MODEL, ReviewKind.INBOUND_AFTER_DECLINE)
"""What an operator's word on the status settles."""


def reviewed(before: Lead, after: Lead, cause: Cause, event: InteractionEnriched | None = None) -> Lead:
    """The household with its reviews after one input: the last of each kind, `held` only while consent is held."""
    found = {review.kind: review for review in after.reviews}
    if event is not None and before.status is Status.DECLINED and _wrote(event):
        found[ReviewKind.INBOUND_AFTER_DECLINE] = _review(ReviewKind.INBOUND_AFTER_DECLINE, cause)
    if event is not None and before.status is not Status.DECLINED and after.status is Status.DECLINED:
        found[ReviewKind.DECLINED_BY_MODEL] = _review(ReviewKind.DECLINED_BY_MODEL, cause)
    if after.consent is not Consent.HELD:
        found.pop(ReviewKind.HELD, None)
    elif before.consent is not Consent.HELD:
        found[ReviewKind.HELD] = _review(ReviewKind.HELD, cause)
    reviews = tuple(sorted(found.values(), key=lambda review: review.at))
    return after if reviews == after.reviews else changed(after, reviews=reviews)


def settled(lead: Lead) -> tuple[Review, ...]:
    """The reviews that remain after an operator's word on the status."""
    return tuple(review for review in lead.reviews if review.kind not in OF_STATUS)


def _wrote(event: InteractionEnriched) -> bool:
    return event.direction is Direction.INBOUND and is_two_way(event)


def _review(kind: ReviewKind, cause: Cause) -> Review:
    return Review(kind, cause.event_id, cause.occurred_at)
