import pytest

from domain.actions import ACTIONS
from domain.briefs import SIGNALS, brief
from domain.records import Brief, DirectiveRef, SignalSeen
from projections.api.render import rendered

EVERYTHING = tuple(SignalSeen(name, "event-1", 0) for name in SIGNALS)


@pytest.mark.parametrize("name", ACTIONS)
def test_f3_every_id_of_a_brief_has_its_text(name: str) -> None:
    view = rendered(name, brief(ACTIONS[name], EVERYTHING))

    assert [d.text for d in view.directives[: len(ACTIONS[name].directives)]] == [
        phrase.text for phrase in ACTIONS[name].directives
    ]
    assert all(said.text for said in view.directives)
    assert all(said.text for said in view.sentences)
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


def test_an_id_that_this_release_lost_stays_without_text() -> None:
    old = Brief((DirectiveRef("gone.hint", None, ()),), "warm", (), (), "gone.timing", ())

    view = rendered("gone", old)

    assert (view.directives[0].id, view.directives[0].text) == ("gone.hint", None)
    assert (view.timing, view.purpose) == (None, None)
