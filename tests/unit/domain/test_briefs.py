"""F1-F3: the brief names every signal, forbids what it must, and holds no text."""

import re

from domain.actions import ACTIONS
from domain.briefs import SIGNALS, active_signals, brief
from domain.context import with_interaction
from domain.extraction import Family, Finances, Objection, Scheduling
from domain.states import Lead, Membership, Mention
from domain.vocabulary import Level, SignalClass, TopicClass
from tests import given

RETENTION = (
    "welcome_onboard",
    "retention_check_in",
    "first_session_reminder",
    "reschedule_offer",
    "barrier_investigation",
    "social_proof",
    "low_commitment_invite",
    "win_back_offer",
)


def household() -> Lead:
    said = given.said(
        financial_signals=given.worried(),
        objections=(given.objection(TopicClass.DISTANCE),),
        family_context=Family(siblings=(given.WORDS,), decision_makers=(given.WORDS,)),
        scheduling_constraints=Scheduling(preferred_times=(given.WORDS, given.WORDS)),
        open_questions=(given.WORDS,),
        additional_signals=tuple(given.signal(kind) for kind in SignalClass),
    )
    membership = Membership(missed=Mention("session-1", 1), owed=Mention("payment-1", 1))
    lead = Lead("fam-1", membership=membership)
    return with_interaction(lead, given.text(extraction=said), given.PARAMETERS)


def test_f1_one_directive_for_every_active_signal_whatever_the_action() -> None:
    signals = active_signals(household(), given.NOON, given.PARAMETERS)
    for action in ACTIONS.values():
        made = brief(action, signals)

        named = {directive.signal for directive in made.directives if directive.signal}
        forbidden = {name for name, phrase in SIGNALS.items() if phrase.topic in action.forbids}
        assert named == set(SIGNALS) - forbidden, action.name
        assert len(made.directives) == len(action.directives) + len(named)


def test_f1_a_directive_names_the_items_it_rests_on() -> None:
    signals = active_signals(household(), given.NOON, given.PARAMETERS)

    times = next(d for d in brief(ACTIONS["wait"], signals).directives if d.signal == "preferred_times")

    assert [(fact.event_id, fact.index) for fact in times.facts] == [("contact-1", 0), ("contact-1", 1)]


def test_f2_retention_never_mentions_a_missed_payment() -> None:
    signals = active_signals(household(), given.NOON, given.PARAMETERS)

    for name in RETENTION:
        named = {directive.id for directive in brief(ACTIONS[name], signals).directives}
        assert named.isdisjoint({"signal.payment", "signal.payment_concern"}), name
        said = " ".join(phrase.text for phrase in (*ACTIONS[name].directives, *ACTIONS[name].sentences))
        assert not re.search(r"\b(pay|payments?|money|owe|owed|costs?|fees?)\b", said.lower()), name


def test_f1_a_financial_objection_is_a_financial_concern() -> None:
    said = given.said(
        objections=(given.objection(TopicClass.FINANCIAL),), financial_signals=Finances(Level.NONE)
    )
    lead = with_interaction(Lead("fam-1"), given.text(extraction=said), given.PARAMETERS)

    assert [s.signal for s in active_signals(lead, given.NOON, given.PARAMETERS)] == ["financial_concern"]
    assert isinstance(said.objections[0], Objection)


def test_f4_a_sentence_that_quotes_rests_on_the_first_item_and_is_there_only_with_it() -> None:
    signals = active_signals(household(), given.NOON, given.PARAMETERS)
    quoting = {
        f"{action.name}.{phrase.id}": phrase.signal
        for action in ACTIONS.values()
        for phrase in action.sentences
        if phrase.signal
    }
    assert set(quoting.values()) == {"open_question", "objection"}

    made = [sentence for action in ACTIONS.values() for sentence in brief(action, signals).sentences]
    resting = {sentence.id: sentence.facts for sentence in made if sentence.facts}
    assert set(resting) == set(quoting)
    for name, facts in resting.items():
        assert [(fact.signal, fact.index) for fact in facts] == [(quoting[name], 0)]

    without = {sentence.id for action in ACTIONS.values() for sentence in brief(action, ()).sentences}
    assert without == {sentence.id for sentence in made} - set(quoting)
