"""A context pack in the shape that a voice or an SMS provider takes."""

from typing import Any

from domain.vocabulary import Channel
from projections.api.academy import Academy
from projections.api.context import Assembled
from projections.api.context_views import (
    MessageView,
    MinimalPack,
    Pack,
    PreparedCall,
    PreparedInbound,
    PreparedSms,
    RecipientView,
    WarningView,
)
from projections.api.decision_texts import draft_of
from projections.api.drafts import Draft, Words, addressee, greeting
from projections.api.provider_words import talking_points, variables

THREAD = 10
"""Messages of a thread that a provider is given."""

_NO_NUMBER = WarningView(
    kind="no_phone", text="No adult of this household who may be contacted has a telephone number here."
)
_UNKNOWN = WarningView(
    kind="unknown_caller",
    text="Who is calling is not known: ask for their name before telling anything of this household.",
)


def call(found: Assembled | MinimalPack, academy: Academy) -> PreparedCall:
    """An outbound call to a family that may be contacted."""
    draft, to = _draft(found, Channel.VOICE), _recipient(found)
    opening = greeting("voice", _words(found, academy))
    first_message = " ".join([opening, *(draft.points[:1] if draft else ())])
    return PreparedCall(
        **_decided(found),
        **_spoken(found, academy, first_message, [] if to else [_NO_NUMBER]),
        to=to,
    )


def inbound(found: Assembled | MinimalPack, academy: Academy) -> PreparedInbound:
    """A call of somebody who says that they belong to this household, whatever it has said before."""
    first_message = greeting("inbound", Words(academy, None, {}))  # no name is told to a stranger
    return PreparedInbound(**_spoken(found, academy, first_message, [_UNKNOWN]))


def sms(found: Assembled | MinimalPack) -> PreparedSms:
    """A text message to a family that may be contacted."""
    draft, to, pack = _draft(found, Channel.SMS), _recipient(found), _pack(found)
    return PreparedSms(
        **_decided(found),
        lead_id=pack.lead_id,
        to=to,
        draft=draft.text if draft else None,
        length=len(draft.text) if draft else 0,
        cut=draft.cut if draft else False,
        thread=_thread(found) if isinstance(found, Assembled) else [],
        warnings=[*pack.warnings, *([] if to else [_NO_NUMBER])],
        context=pack,
    )


def _pack(found: Assembled | MinimalPack) -> Pack:
    return found.pack if isinstance(found, Assembled) else found


def _words(found: Assembled | MinimalPack, academy: Academy) -> Words:
    return found.words if isinstance(found, Assembled) else Words(academy, None, {})


def _draft(found: Assembled | MinimalPack, channel: Channel) -> Draft | None:
    if isinstance(found, MinimalPack) or found.decision is None:
        return None
    return draft_of(found.decision, channel, found.words)


def _decided(found: Assembled | MinimalPack) -> dict[str, Any]:
    made = found.decision if isinstance(found, Assembled) else None
    return {
        "decision_id": made.decision_id if made else None,
        "scheduled_for": made.scheduled_for if made else None,
    }


def _spoken(
    found: Assembled | MinimalPack, academy: Academy, first_message: str, more: list[WarningView]
) -> dict[str, Any]:
    """What both kinds of calls have."""
    pack = _pack(found)
    flat = variables(pack, academy)
    brief = pack.current_nba.brief if not isinstance(pack, MinimalPack) and pack.current_nba else None
    return {
        "lead_id": pack.lead_id,
        "first_message": first_message,
        "opening_context": flat["opening_context"],
        "talking_points": talking_points(brief) if brief else [],
        "avoid": brief.avoid if brief else [],
        "dynamic_variables": flat,
        "warnings": [*pack.warnings, *more],
        "context": pack,
    }


def _recipient(found: Assembled | MinimalPack) -> RecipientView | None:
    """The adult whom a call or a text goes to; of a minimal pack the one that it names."""
    if isinstance(found, MinimalPack):
        return (
            RecipientView(guardian_id=None, name=found.lead_name, phone=found.phone) if found.phone else None
        )
    adult = addressee(found.words.record, Channel.VOICE)
    if adult is None or not adult.phone:
        return None
    return RecipientView(guardian_id=adult.guardian_id, name=adult.name, phone=adult.phone)


def _thread(found: Assembled) -> list[MessageView]:
    texts = [talk for talk in found.talks if talk.event.channel is Channel.SMS][:THREAD]
    return [
        MessageView(
            event_id=talk.event.event_id,
            at=talk.event.occurred_at,
            direction=talk.event.direction,
            text=talk.text,
        )
        for talk in reversed(texts)
    ]
