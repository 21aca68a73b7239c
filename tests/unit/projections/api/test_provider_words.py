import pytest

from domain.actions import ACTIONS
from domain.briefs import SIGNALS, brief
from domain.records import SignalSeen
from projections.api.provider_words import UNSAID, talking_points
from projections.api.render import rendered

EVERYTHING = tuple(SignalSeen(name, "event-1", 0) for name in SIGNALS)


@pytest.mark.parametrize("name", ACTIONS)
def test_f2_no_action_has_a_provider_speak_of_a_missed_payment(name: str) -> None:
    view = rendered(name, brief(ACTIONS[name], EVERYTHING))
    points = talking_points(view)

    assert [text for text in points if text in {SIGNALS[signal].text for signal in UNSAID}] == []
    assert points == [each.text for each in view.directives if each.signal not in UNSAID]


def test_f2_what_is_not_said_aloud_is_what_the_academys_records_and_the_family_say_of_payments() -> None:
    assert sorted(UNSAID) == ["payment", "payment_concern"]


def test_f2_staff_still_read_it_where_an_action_allows_it() -> None:
    signals = {each.signal for each in rendered("wait", brief(ACTIONS["wait"], EVERYTHING)).directives}

    assert signals >= UNSAID


def test_a_text_that_this_release_lost_is_left_out() -> None:
    view = rendered("wait", brief(ACTIONS["wait"], (SignalSeen("missed_session", "event-1", 0),)))
    lost = [each.model_copy(update={"text": None}) for each in view.directives]

    assert talking_points(view.model_copy(update={"directives": lost})) == []
    assert SIGNALS["missed_session"].text in talking_points(view)
