import pytest

from domain.actions import ACTIONS
from domain.briefs import SIGNALS, brief
from domain.records import Brief, DirectiveRef, SignalSeen
from domain.vocabulary import Channel
from projections.api.academy import UNNAMED
from projections.api.drafts import Words, drafted
from projections.api.render import rendered, with_draft

EVERYTHING = tuple(SignalSeen(name, "event-1", 0) for name in SIGNALS)
SENTENCES = brief(ACTIONS["gentle_nudge"], ()).sentences


@pytest.mark.parametrize("name", ACTIONS)
def test_f3_every_id_of_a_brief_has_its_text(name: str) -> None:
    view = rendered(name, brief(ACTIONS[name], EVERYTHING))

    assert [d.text for d in view.directives[: len(ACTIONS[name].directives)]] == [
        phrase.text for phrase in ACTIONS[name].directives
    ]
    assert all(said.text for said in view.directives)
    assert [said.id for said in view.sentences] == [f"{name}.{each.id}" for each in ACTIONS[name].sentences]
    assert (view.timing, view.timing_id) == (ACTIONS[name].timing, f"{name}.timing")
    assert view.purpose == ACTIONS[name].purpose


def test_a_signals_directive_keeps_its_signal_and_facts() -> None:
    action = ACTIONS["warm_follow_up"]
    (added,) = rendered(action.name, brief(action, (SignalSeen("referral", "event-9", 2),))).directives[
        len(action.directives) :
    ]

    assert (added.id, added.signal, added.text) == (
        "signal.referral",
        "referral",
        SIGNALS["referral"].text,
    )
    assert added.facts == [SignalSeen("referral", "event-9", 2)]


def test_f3_a_draft_gives_the_sentences_that_it_has_their_text() -> None:
    view = rendered("gentle_nudge", brief(ACTIONS["gentle_nudge"], ()))
    draft = drafted("gentle_nudge", Channel.SMS, SENTENCES, Words(UNNAMED, None, {}))

    shown = with_draft(view, draft)

    assert [(said.id, said.text) for said in shown.sentences] == [
        ("gentle_nudge.no_rush", "There is no rush, we are here whenever you would like to talk."),
        ("gentle_nudge.glad_to_meet", None),
    ]
    assert shown.draft == "Hello. There is no rush, we are here whenever you would like to talk."
    assert shown.draft_details is not None
    assert shown.draft_details.length == len(shown.draft)
    assert [each.id for each in shown.draft_details.dropped] == ["gentle_nudge.glad_to_meet"]
    assert with_draft(view, None) == view


def test_an_id_that_this_release_lost_stays_without_text() -> None:
    old = Brief((DirectiveRef("gone.hint", None, ()),), "warm", (), (), "gone.timing", ())

    view = rendered("gone", old)

    assert (view.directives[0].id, view.directives[0].text) == ("gone.hint", None)
    assert (view.timing, view.purpose) == (None, None)
