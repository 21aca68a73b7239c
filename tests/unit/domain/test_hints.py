"""P6: a hint breaks near ties only, and is recorded."""

from dataclasses import replace

import pytest

from domain.actions import ACTIONS
from domain.buckets import bucket
from domain.hints import hint, settled
from domain.policies import Learned, Situation, select
from domain.q_learning import Row, Values
from domain.states import Context, Lead, SeenSignal
from domain.vocabulary import Bucket, Level, SignalClass
from tests import given
from tests.answers import on_interaction, on_lead

SCORES = {"info_send": 0.40, "gentle_nudge": 0.395, "wait": 0.38}


def heard(suggested: str | None, days: float = 0, urgency: Level = Level.MODERATE) -> SeenSignal:
    at = given.later(days=-days)
    return SeenSignal("event-1", 0, SignalClass.LIFE_EVENT, urgency, at, suggested)


def hinted(*signals: SeenSignal, about: Bucket = Bucket.NOVEL_SIGNAL) -> str | None:
    lead = Lead("fam-1", context=Context(signals=signals))
    return hint(lead, about, given.NOON, given.PARAMETERS)


def test_p6_a_tie_within_a_hundredth_is_settled_and_no_other() -> None:
    assert settled("info_send", "gentle_nudge", SCORES) == "gentle_nudge"
    assert settled("info_send", "wait", SCORES) == "info_send"
    assert settled("info_send", None, SCORES) == "info_send"
    assert settled("info_send", "stop", SCORES) == "info_send"


def test_p6_the_latest_news_that_matters_suggests() -> None:
    assert hinted(heard("info_send", days=3), heard("gentle_nudge", days=1)) == "gentle_nudge"
    assert hinted(heard("info_send", days=3), heard(None, days=1)) == "info_send"
    assert hinted(heard("info_send", urgency=Level.LOW)) is None
    assert hinted(heard("info_send", days=31)) is None
    assert hinted(heard("info_send"), about=Bucket.NEUTRAL) is None


def test_p6_a_hint_never_opens_what_is_masked_or_is_worth_less() -> None:
    rows = {"info_send": Row(0.4, 50, 0, 1.0, 1), "gentle_nudge": Row(0.4, 50, 0, 1.0, 1)}
    learned = Learned(Values("default", 1, 0.1, 0.9, {"new:novel_signal": rows}), given.PARAMETERS)

    def picked(hinted: str, **refused: str) -> tuple[str, bool]:
        refusals = {**dict.fromkeys(ACTIONS, "no"), "info_send": None, "gentle_nudge": None, **refused}
        at = Situation(Lead("fam-1"), Bucket.NOVEL_SIGNAL, "d-1", refusals, hinted)
        chosen = select(at, learned)
        return chosen.action, chosen.hinted

    assert picked("gentle_nudge") == ("gentle_nudge", True)
    assert picked("info_send") == ("info_send", False)
    assert picked("gentle_nudge", gentle_nudge="rejected") == ("info_send", False)


@pytest.mark.parametrize("suggested", ["info_send", None])
def test_p6_the_record_has_the_hint_whether_it_settled_anything(suggested: str | None) -> None:
    signal = replace(given.signal(SignalClass.LIFE_EVENT), suggested_action=suggested)
    lead = on_lead(None, given.lead(), given.NOON, given.learned()).lead
    event = given.text(given.later(hours=1), extraction=given.said(additional_signals=(signal,)))

    answer = on_interaction(lead, event, given.later(hours=1), given.learned())

    assert bucket(answer.lead, given.later(hours=1), given.PARAMETERS) is Bucket.NOVEL_SIGNAL
    assert (answer.decision.hint, answer.decision.hinted) == (suggested, False)
