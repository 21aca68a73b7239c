"""T1, D6: when a person's messages are read together, and what comes of them for the household."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given as such_that
from hypothesis import strategies as st

from domain.events import ConversationEnriched, InteractionEnriched, Part, Sealed
from domain.extraction import skipped
from domain.states import Lead
from domain.threads import HEAVIEST, LONGEST, MOST, QUIET, Flush, Thread, Waiting, buffered, forgotten, woken
from domain.vocabulary import Consent, Direction, Flushed, Intent, OptOut, Sentiment, Status, Verdict
from tests import given
from tests.answers import on_conversation, on_interaction, on_lead

LEARNED = given.learned()
INBOUND, OUTBOUND = Direction.INBOUND, Direction.OUTBOUND


def message(minutes: float = 0, ordinal: int = 1, **changes: Any) -> Waiting:
    """An inbound SMS that came so long after noon."""
    at = given.later(minutes=minutes)
    return replace(Waiting(f"sms-{ordinal}", ordinal, at, at, INBOUND, "g1", None), **changes)


def told(*messages: Waiting, urgent: bool = False) -> tuple[Thread, Flush | None]:
    """A thread after these, of which only the last may be read at once."""
    thread, flush = Thread(), None
    for number, one in enumerate(messages, 1):
        assert flush is None
        thread, flush = buffered(thread, one, urgent=urgent and number == len(messages))
    return thread, flush


def ids(flush: Flush | None) -> list[str]:
    return [] if flush is None else [one.event_id for one in flush.messages]


def test_t1_a_conversation_is_read_when_nothing_was_said_for_five_minutes() -> None:
    thread, flush = told(message(0, 1), message(3, 2))

    assert flush is None
    assert thread.due == given.later(minutes=8)
    assert woken(thread, given.later(minutes=7, seconds=59)) == (thread, ())
    after, (read,) = woken(thread, given.later(minutes=8))
    assert (ids(read), read.why, after.waiting, after.due) == (["sms-1", "sms-2"], Flushed.QUIET, (), None)


def test_t1_no_message_waits_longer_than_a_quarter_of_an_hour() -> None:
    thread, _ = told(*(message(4 * number, number) for number in range(4)))

    assert thread.due == given.NOON + LONGEST
    _, (read,) = woken(thread, given.NOON + LONGEST)
    assert (read.why, len(read.messages)) == (Flushed.LONGEST, 4)


def test_t1_the_sixth_message_has_all_six_read() -> None:
    thread, flush = told(*(message(0, number) for number in range(MOST)))

    assert (ids(flush), thread.waiting) == ([f"sms-{number}" for number in range(MOST)], ())
    assert flush is not None
    assert flush.why is Flushed.COUNT


def test_t1_an_urgent_word_has_what_waits_read_at_once() -> None:
    thread, flush = told(message(0, 1), message(1, 2), urgent=True)

    assert (ids(flush), thread.waiting) == (["sms-1", "sms-2"], ())
    assert flush is not None
    assert flush.why is Flushed.URGENT


def test_t1_words_that_would_make_the_state_heavy_are_read_at_once() -> None:
    heavy = Sealed("key", "sms-1", b"x" * (HEAVIEST + 1))
    thread, flush = told(message(transcript=heavy))

    assert flush is not None
    assert (flush.why, thread.waiting) == (Flushed.WEIGHT, ())


def test_t1_two_people_of_a_household_have_two_conversations() -> None:
    thread, _ = told(message(0, 1), message(1, 2, guardian_id="g2"), message(2, 3))

    after, (read,) = woken(thread, given.later(minutes=6))
    assert ids(read) == ["sms-2"]
    assert [one.event_id for one in after.waiting] == ["sms-1", "sms-3"]
    _, both = woken(thread, given.later(minutes=9))
    assert [ids(one) for one in both] == [["sms-1", "sms-3"], ["sms-2"]]


def test_t1_messages_are_read_in_the_order_in_which_they_were_written() -> None:
    late = message(1, 2, occurred_at=given.later(minutes=-3))
    _, flush = told(message(0, 1), late, urgent=True)

    assert ids(flush) == ["sms-2", "sms-1"]


def test_a5_what_waits_of_somebody_who_is_forgotten_is_read_by_nobody() -> None:
    thread, _ = told(message(0, 1), message(1, 2, guardian_id="g2"))

    assert [one.event_id for one in forgotten(thread, "g/g2").waiting] == ["sms-1"]
    assert forgotten(thread, None).waiting == ()


@such_that(st.lists(st.tuples(st.integers(0, 400), st.sampled_from(["g1", "g2", None]), st.booleans())))
def test_t1_every_message_is_read_once_whatever_comes_when(run: list[tuple[int, str | None, bool]]) -> None:
    thread, read, now = Thread(), [], given.NOON
    for ordinal, (seconds, who, urgent) in enumerate(run):
        now += timedelta(seconds=seconds)
        thread, due = woken(thread, now)
        one = message(0, ordinal, heard_at=now, occurred_at=now, guardian_id=who)
        thread, at_once = buffered(thread, one, urgent=urgent)
        read += [*due, *([at_once] if at_once else [])]
        assert len(thread.waiting) < 3 * MOST
        assert all(now - one.heard_at < LONGEST for one in thread.waiting)
    thread, rest = woken(thread, now + QUIET)
    every = [one.event_id for flush in (*read, *rest) for one in flush.messages]

    assert thread.waiting == ()
    assert sorted(every) == sorted(f"sms-{ordinal}" for ordinal in range(len(run)))
    assert all(len({one.guardian_id for one in flush.messages}) == 1 for flush in (*read, *rest))


def conversation(*parts: tuple[float, Direction], **changes: Any) -> ConversationEnriched:
    """Messages so many minutes after noon, read five minutes after the last."""
    listed = tuple(
        Part(f"contact-{number}", number, given.later(minutes=minutes), direction)
        for number, (minutes, direction) in enumerate(parts, 1)
    )
    inbound = [one for one in listed if one.direction is INBOUND]
    event = ConversationEnriched(
        event_id="enriched-talk", cause_event_id="talk-1", lead_id="fam-1", root_offset=9,
        recorded_at=listed[-1].occurred_at + QUIET, occurred_at=(inbound or listed)[0].occurred_at,
        guardian_id="g1", why=Flushed.QUIET, parts=listed, extraction=given.said(),
    )  # fmt: skip
    return replace(event, **changes)


NOT_READ: Any = skipped()
"""What a message that waits says."""


def sms(minutes: float, ordinal: int = 1, **changes: Any) -> InteractionEnriched:
    """One that waits."""
    at = given.later(minutes=minutes)
    return given.text(at, ordinal, buffered=True, extraction=NOT_READ, **changes)


def met(*parts: tuple[float, Direction]) -> Lead:
    """A new household after its record, and after each of these messages as it came."""
    lead = on_lead(None, given.lead(), given.NOON, LEARNED).lead
    for number, (minutes, direction) in enumerate(parts, 1):
        waits = replace(sms(minutes, number), direction=direction)
        lead = on_interaction(lead, waits, waits.recorded_at, LEARNED).lead
    return lead


def test_d6_a_message_that_waits_is_a_contact_and_nothing_else() -> None:
    before = met()
    at = given.later(minutes=1)
    answer = on_interaction(before, sms(1), at, LEARNED)

    assert (answer.decision.verdict, answer.decision.reason) == (Verdict.NONE, "conversation_open")
    assert answer.transitions == ()
    assert answer.lead.in_force == before.in_force
    assert (answer.lead.inbound_at, answer.lead.interactions) == (at, before.interactions + 1)
    assert (answer.lead.status, answer.lead.context) == (Status.NEW, before.context)


def test_d6_a_conversation_decides_once_and_is_credited_when_the_family_first_wrote() -> None:
    parts = ((-2, OUTBOUND), (1, INBOUND), (2, INBOUND))
    before = met(*parts[1:])
    said = given.said(Intent.INTERESTED, Sentiment.POSITIVE)
    now = given.later(minutes=7)
    answer = on_conversation(before, conversation(*parts, extraction=said), now, LEARNED)

    assert answer.decision.verdict is Verdict.DECISION
    assert answer.lead.status is Status.INTERESTED
    (transition,) = answer.transitions
    assert transition.cause_event_id == "talk-1"
    assert transition.occurred_at == given.later(minutes=1)


def test_d6_what_was_read_is_kept_as_the_last_messages() -> None:
    parts = ((1, INBOUND), (2, INBOUND))
    said = given.said(Intent.CONSIDERING)
    answer = on_conversation(
        met(*parts), conversation(*parts, extraction=said), given.later(minutes=7), LEARNED
    )

    assert answer.lead.context.stance is not None
    assert answer.lead.context.stance.event_id == "contact-2"


def test_d1_our_own_messages_alone_decide_nothing() -> None:
    parts = ((1, OUTBOUND), (2, OUTBOUND))
    before = met(*parts)
    answer = on_conversation(before, conversation(*parts), given.later(minutes=7), LEARNED)

    assert (answer.decision.verdict, answer.decision.reason) == (Verdict.NONE, "outbound_recorded")
    assert answer.lead.in_force == before.in_force


def test_a_conversation_that_is_read_after_a_later_call_does_not_beat_it() -> None:
    parts = ((1, INBOUND),)
    lead = met(*parts)
    call = given.later(minutes=3)
    eager = given.said(Intent.INTERESTED, Sentiment.POSITIVE)
    lead = on_interaction(lead, given.contact(call, 5, extraction=eager), call, LEARNED).lead
    declining = given.said(Intent.DECLINING)
    answer = on_conversation(
        lead, conversation(*parts, extraction=declining), given.later(minutes=6), LEARNED
    )

    assert answer.decision.reason == "told_late"
    assert (answer.lead.status, answer.lead.context.stance) == (lead.status, lead.context.stance)


@pytest.mark.parametrize(
    ("heard", "consent"), [(OptOut.YES, Consent.OPTED_OUT), (OptOut.UNSURE, Consent.HELD)]
)
def test_t2_a_refusal_counts_before_its_conversation_is_read(heard: OptOut, consent: Consent) -> None:
    at = given.later(minutes=1)
    answer = on_interaction(met(), sms(1, opt_out=heard), at, LEARNED)

    assert answer.lead.consent is consent
    assert answer.decision.verdict is Verdict.DECISION
    assert answer.decision.action in {"stop", "wait"}


def test_e3_a_refusal_that_only_the_reading_heard_counts_too() -> None:
    parts = ((1, INBOUND),)
    refused = given.said(opt_out=replace(given.said().opt_out, verdict=OptOut.YES))
    answer = on_conversation(
        met(*parts), conversation(*parts, extraction=refused), given.later(minutes=6), LEARNED
    )

    assert answer.lead.consent is Consent.OPTED_OUT
