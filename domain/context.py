"""How an interaction is folded into a household's state: contacts, consent and what was said."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.events import (
    ConversationEnriched,
    InteractionEnriched,
    LeadEnriched,
    LeadPatchEnriched,
    Sealed,
)
from domain.extraction import Extraction
from domain.moves import is_two_way
from domain.parameters import Parameters
from domain.states import (
    Attempt,
    Concern,
    Context,
    Lead,
    Mention,
    OpenObjection,
    SeenSignal,
    Stance,
    changed,
)
from domain.vocabulary import Channel, Consent, Direction, ExtractionStatus, Level, OptOut, Outcome

HOUSEHOLD = ""
"""Key in `consents` for what was said by nobody in particular."""

UNREACHED = (Outcome.NO_ANSWER, Outcome.VOICEMAIL, Outcome.FAILED)
_WEEK = timedelta(days=7)
_SIGNALS_KEPT = 12  # as many as a brief can name; older ones are on the log


def with_record(lead: Lead, event: LeadEnriched | LeadPatchEnriched) -> Lead:
    """The clear part of a lead's record; a consent once refused is lifted by no record (S1)."""
    patch = isinstance(event, LeadPatchEnriched)
    consents = {
        guardian: strictest(lead.consents.get(guardian, consent), consent)
        for guardian, consent in event.consents.items()
    }
    said = {who: consent for who, consent in lead.consents.items() if who not in consents}
    return changed(
        lead,
        consents={**said, **consents},
        refused_at=_refused(lead, consents, event.occurred_at),
        time_zone=lead.time_zone if patch and event.time_zone is None else event.time_zone,
        children=lead.children if event.children is None else event.children,
    )


def is_out_of_order(lead: Lead, event: InteractionEnriched) -> bool:
    """Told after a talk that took place later: what was said then does not beat what was said since."""
    return lead.inbound_at is not None and event.occurred_at < lead.inbound_at


def as_interaction(event: ConversationEnriched) -> InteractionEnriched:
    """A conversation as one message: the last, which holds what was read, at the time of the family's last word."""
    last, inbound = event.parts[-1], [part for part in event.parts if part.direction is Direction.INBOUND]
    return InteractionEnriched(
        event_id=event.event_id,
        cause_event_id=last.event_id,
        lead_id=event.lead_id,
        root_offset=last.root_offset,
        recorded_at=event.recorded_at,
        occurred_at=(inbound or [last])[-1].occurred_at,
        channel=Channel.SMS,
        direction=Direction.INBOUND if inbound else Direction.OUTBOUND,
        outcome=Outcome.COMPLETED,
        guardian_id=event.guardian_id,
        decision_id=None,
        opt_out=OptOut.NO,  # what ingest heard in each has counted since
        extraction=event.extraction,
    )


def with_interaction(lead: Lead, event: InteractionEnriched, parameters: Parameters) -> Lead:
    """Contacts (C3), consent and context after one interaction; the status moves elsewhere.

    In a buffered one nothing was read: the context comes with its conversation (D6).
    """
    inbound = event.direction is Direction.INBOUND
    last = max((*lead.outbound_at, event.occurred_at))
    outbound = () if inbound else (event.occurred_at,)
    talked = event.occurred_at if is_two_way(event) else None
    contacted = changed(
        lead,
        interactions=lead.interactions + 1,
        attempt=lead.attempt if inbound else _attempt(lead.attempt, event),
        inbound_at=max(filter(None, (lead.inbound_at, talked)), default=None),
        outbound_at=tuple(sorted((*(at for at in lead.outbound_at if at > last - _WEEK), *outbound))),
        unanswered=_unanswered(lead, event, talked, parameters),
    )
    return with_words(contacted, event, late=is_out_of_order(lead, event))


def with_words(lead: Lead, event: InteractionEnriched, *, late: bool) -> Lead:
    """Consent and context after what was read in an interaction, or in a conversation as if it were one."""
    consents = _consents(lead, event)
    said = _context(lead.context, event)
    return changed(
        lead,
        consents=consents,
        refused_at=_refused(lead, consents, event.occurred_at),
        context=_under(lead.context, said) if late else said,
    )


def _unanswered(
    lead: Lead, event: InteractionEnriched, talked: datetime | None, parameters: Parameters
) -> tuple[datetime, ...]:
    """From when each attempt since the family's last word counts as unanswered: a message after some days (A4)."""
    heard = max(filter(None, (lead.inbound_at, talked)), default=None)
    if talked is not None and talked == heard:
        return ()
    if event.direction is Direction.INBOUND or (heard is not None and event.occurred_at < heard):
        return lead.unanswered
    patience = timedelta(hours=0 if event.channel is Channel.VOICE else parameters.unanswered_hours)
    return (*lead.unanswered, event.occurred_at + patience)[-parameters.max_attempts :]


def _refused(lead: Lead, after: dict[str, Consent], at: datetime) -> dict[str, datetime]:
    """When each person last refused: a consent that is older than that lifts nothing."""
    fresh = {
        who: max(at, lead.refused_at.get(who, at))
        for who, consent in after.items()
        if consent is not Consent.CONTACTABLE and lead.consents.get(who) is not consent
    }
    return {**lead.refused_at, **fresh} if fresh else lead.refused_at


def _under(newer: Context, older: Context) -> Context:
    """What is known, and from an older talk only what nobody has spoken of since."""
    return replace(
        newer,
        concern=newer.concern or older.concern,
        signals=tuple(sorted(older.signals, key=lambda signal: signal.at))[-_SIGNALS_KEPT:],
        siblings=newer.siblings or older.siblings,
        times=newer.times or older.times,
        facts=newer.facts or older.facts,
    )


def strictest(one: Consent, other: Consent) -> Consent:
    """The one that allows less."""
    return max(one, other, key=list(Consent).index)


def _consents(lead: Lead, event: InteractionEnriched) -> dict[str, Consent]:
    verdicts = (event.opt_out, event.extraction.opt_out.verdict)
    if OptOut.YES in verdicts:
        asked = Consent.OPTED_OUT
    elif OptOut.UNSURE in verdicts:
        asked = Consent.HELD
    else:
        return lead.consents
    who = event.guardian_id or HOUSEHOLD
    return {**lead.consents, who: strictest(lead.consents.get(who, asked), asked)}


def _attempt(before: Attempt | None, event: InteractionEnriched) -> Attempt:
    if before is not None and event.occurred_at < before.at:
        return before  # told late: the last try is still the last
    failed = event.outcome in (UNREACHED if event.channel is Channel.VOICE else (Outcome.FAILED,))
    row = before.failed_in_row if before and before.channel is event.channel else 0
    return Attempt(
        event.cause_event_id, event.channel, event.outcome, event.occurred_at, row + 1 if failed else 0
    )


def _context(context: Context, event: InteractionEnriched) -> Context:
    said = event.extraction
    if said.status in (ExtractionStatus.SKIPPED, ExtractionStatus.FAILED) or not is_two_way(event):
        return context  # nobody of the family spoke: our own message changes nothing that they said
    cause = event.cause_event_id

    def mention(items: int, before: Mention | None) -> Mention | None:
        return Mention(cause, items) if items else before

    level = said.financial_signals.concern_level
    concern = (
        Concern(cause, level, len(said.financial_signals.mentions))
        if level is not Level.NONE
        else context.concern
    )
    return Context(
        stance=Stance(cause, said.intent, said.sentiment),
        concern=concern,
        objections=_objections(context.objections, cause, said),
        signals=_signals(context.signals, cause, event.occurred_at, said),
        deciders=None
        if said.signed_up.value
        else mention(len(said.family_context.decision_makers), context.deciders),
        siblings=mention(len(said.family_context.siblings), context.siblings),
        questions=Mention(cause, len(said.open_questions)) if said.open_questions else None,
        times=mention(len(said.scheduling_constraints.preferred_times), context.times),
        facts=mention(len(said.facts), context.facts),
    )


def _objections(
    before: tuple[OpenObjection, ...], cause: str, said: Extraction[Sealed]
) -> tuple[OpenObjection, ...]:
    """The unaddressed ones: a topic said again replaces its last word, addressed clears it."""
    restated = {objection.topic_class for objection in said.objections}
    kept = tuple(objection for objection in before if objection.topic_class not in restated)
    new = tuple(
        OpenObjection(cause, index, objection.topic_class, objection.severity)
        for index, objection in enumerate(said.objections)
        if not objection.addressed
    )
    return kept + new


def _signals(
    before: tuple[SeenSignal, ...], cause: str, at: datetime, said: Extraction[Sealed]
) -> tuple[SeenSignal, ...]:
    new = tuple(
        SeenSignal(cause, index, signal.signal_class, signal.urgency, at, signal.suggested_action)
        for index, signal in enumerate(said.additional_signals)
    )
    return (before + new)[-_SIGNALS_KEPT:]
