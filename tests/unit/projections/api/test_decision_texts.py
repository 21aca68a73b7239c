"""Facts that no conversation holds, such as a missed session: a brief names them, and nothing of them is opened."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from domain.actions import ACTIONS
from domain.briefs import brief
from domain.records import Decision, SentenceRef, SignalSeen
from domain.vocabulary import Channel
from projections.api.academy import UNNAMED
from projections.api.decision_texts import brief_of, draft_of, quoted
from projections.api.drafts import Words
from projections.api.opening import Opener
from schemas.registry import latest
from tests import given
from tests.unit.projections.household import Ring, Story
from tests.unit.schemas.examples import example

MISSED = SignalSeen("missed_session", "session-1", 0)
OWED = SignalSeen("payment_concern", "payment-1", 0)
MADE: Decision = next(example(schema) for schema in latest().values() if schema.type is Decision)


def decided(name: str, *sentences: SentenceRef) -> Decision:
    made = brief(ACTIONS[name], (MISSED, OWED))
    return replace(
        MADE, action=name, channel=Channel.SMS, brief=replace(made, sentences=(*made.sentences, *sentences))
    )


def words(made: Decision, said: Mapping[str, Any]) -> Words:
    return Words(UNNAMED, None, quoted(made, said, Opener(Ring(), "fam-1")))


@pytest.mark.parametrize("name", ACTIONS)
def test_f3_a_brief_names_the_events_and_its_message_does_without_them(name: str) -> None:
    made = decided(name)
    view = brief_of(made, words(made, {}))

    assert view is not None
    facts = [fact for each in view.directives for fact in each.facts]
    assert set(facts) <= {MISSED, OWED}
    assert all(each.text for each in view.directives)
    assert MISSED in facts


def test_f4_a_sentence_that_rests_on_such_an_event_quotes_nothing() -> None:
    made = decided("reschedule_offer", SentenceRef("reschedule_offer.gone", (MISSED,)))

    assert quoted(made, {}, Opener(Ring(), "fam-1")) == {MISSED: None}
    draft = draft_of(made, Channel.SMS, words(made, {}))
    assert draft is not None
    assert "reschedule_offer.gone" in {each.id for each in draft.dropped}


def test_f4_no_words_are_read_under_such_a_signal_even_where_a_conversation_has_the_id() -> None:
    ring = Ring()
    story = Story(ring)
    story.call(given.NOON)
    said = {"session-1": msgspec.to_builtins(story.of("enriched")[-1].value.extraction)}
    named = SignalSeen("objection", "session-1", 0)
    made = decided("reschedule_offer", SentenceRef("reschedule_offer.gone", (MISSED, named)))

    assert quoted(made, said, Opener(ring, "fam-1")) == {MISSED: None, named: "distance"}
