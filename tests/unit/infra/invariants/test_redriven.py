"""The invariants where dead letters were redriven: each is answered once, late, and in the order of the letters."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from domain.acts import Recorded
from domain.q_learning import Marker
from infra.invariants.answers import in_order, no_loss
from infra.invariants.catalogue import check
from infra.invariants.history import Entry, History, Place
from infra.invariants.state import learned
from learner.service import build as build_learner
from runtime.driver import Driver, Written
from runtime.transform import Message
from schemas.codec import encode
from tests import given
from tests.unit.infra.invariants.test_invariants import Recorder, changing, last, with_entries, with_record

BOOKED = "Parent: Yes, can we book a visit for Saturday?"


class Mended(Recorder):
    """The flow of a release that sets some inputs aside, and of the next that takes them when they are redriven."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: list[tuple[Place, Recorded]] = []
        self.redriven: dict[Place, Place] = {}
        self._held: dict[Place, Message] = {}

    def aside_by_extractor(self, event: Recorded) -> None:
        place = ("interactions", 0, len(self._inputs))
        self._inputs.append((event.lead_id, event))
        self.extractor.send_bytes(event.lead_id.encode(), b"nonsense")
        self.letters.append((place, event))

    def aside_by_decider(self, event: Recorded) -> None:
        self._inputs.append((event.lead_id, event))
        (enriched,) = [each for each in self.extractor.send(event.lead_id, event) if each.topic == "enriched"]
        place = ("enriched", 0, sum(each.topic == "enriched" for each in self.extractor.log) - 1)
        self._held[place] = Message(
            *place, event.lead_id.encode(), encode("enriched", enriched.value), [], None
        )
        self.letters.append((place, event))

    def redrive(self, place: Place) -> None:
        """Handled as what it was, at its own place."""
        topic = "extractor.redrive" if place[0] == "interactions" else "decider.redrive"
        self.redriven[topic, 0, sum(of[0] == topic for of in self.redriven)] = place
        if place[0] == "interactions":
            event = dict(self.letters)[place]
            message = Message(*place, event.lead_id.encode(), encode("interactions", event), [], None)
            for each in self._taken(self.extractor, message):
                if each.topic == "enriched":
                    self._follow(self.decider.send(each.key, each.value))
        else:
            self._follow(self._taken(self.decider, self._held[place]))

    def picture(self) -> History:
        dead = Counter(place for place, _event in self.letters)
        found = replace(self.history(), dead=dead, redriven=dict(self.redriven))
        return replace(
            found, settled={**found.settled, ("extractor.redrive", 0): 9, ("decider.redrive", 0): 9}
        )

    def _taken(self, driver: Driver[Any], message: Message) -> list[Written]:
        driver.partition.offsets[message.topic] = message.offset  # its own, once more
        assert driver.partition.take(message)
        return driver.commit()

    def _follow(self, written: list[Written]) -> None:
        for each in written:
            if each.topic == "transitions":
                self._learn(self.learner.send(each.key, each.value))


@pytest.fixture(scope="module")
def told() -> History:
    """Two families; of one a call was set aside by the extractor, of the other two by the decider."""
    flow = Mended()
    flow.send(given.recorded_lead())
    flow.send(given.recorded_lead(ordinal=2, lead_id="fam-2"))
    flow.aside_by_extractor(flow.call(24, 1, BOOKED))
    flow.aside_by_decider(given.recorded(given.later(hours=25), 3, lead_id="fam-2"))
    flow.send(given.recorded(given.later(hours=26), 4, lead_id="fam-2"))
    flow.aside_by_decider(given.recorded(given.later(hours=27), 5, lead_id="fam-2"))
    flow.send(flow.call(30, 6, "Parent: It is too expensive for us."))
    for place, _event in flow.letters:
        flow.redrive(place)
    flow.send(given.recorded(given.later(hours=40), 7, lead_id="fam-2"))
    return flow.picture()


def broken(history: History) -> set[str]:
    return {violation.invariant for result in check(history) for violation in result.violations}


def test_a_redriven_input_is_answered_late_and_once(told: History) -> None:
    roots = [entry.value.root_offset for entry in told.of("decisions")]

    assert broken(told) == set()
    assert roots == [0, 1, 4, 6, 2, 3, 5, 7]
    assert told.waiting == 0


def test_i1_a_redriven_input_that_was_never_answered_is_lost(told: History) -> None:
    """The group has committed the redriven record, and nothing follows from it."""
    answers = [entry for entry in told.of("decisions") if entry.value.root_offset != 3]

    found = no_loss(with_entries(told, "decisions", answers))

    assert [violation.what for violation in found] == [
        "0 records on decisions and 0 dead letters; there must be one of them"
    ]


def test_i1_an_input_that_was_answered_without_being_redriven_has_a_letter_too_many(told: History) -> None:
    forged = replace(told, redriven={})

    assert {(each.topic, each.offset) for each in no_loss(forged)} == {
        ("interactions", 2),
        ("enriched", 2),
        ("enriched", 4),
    }


def test_i1_a_redriven_input_may_be_set_aside_again(told: History) -> None:
    answers = [entry for entry in told.of("decisions") if entry.value.root_offset != 3]
    again = replace(with_entries(told, "decisions", answers), dead=told.dead + Counter([("enriched", 0, 2)]))

    assert told.dead["enriched", 0, 2] == 1
    assert no_loss(again) == []


def test_what_is_redriven_and_not_handled_yet_waits(told: History) -> None:
    answers = [entry for entry in told.of("decisions") if entry.value.root_offset != 3]
    unread = replace(told, settled={**told.settled, ("decider.redrive", 0): 0})

    for history in (unread, with_entries(unread, "decisions", answers)):
        assert no_loss(history) == []
        assert history.waiting == 2


def test_i3_redriven_inputs_are_answered_in_the_order_in_which_they_were_redriven(told: History) -> None:
    places = {source: place for place, source in told.redriven.items()}
    first, second = ("enriched", 0, 2), ("enriched", 0, 4)
    swapped = {**told.redriven, places[first]: second, places[second]: first}

    (found,) = in_order(replace(told, redriven=swapped))

    assert found.what == "answers input 5 after a later one"


def test_i3_what_was_never_redriven_may_not_be_late(told: History) -> None:
    assert {violation.what for violation in in_order(replace(told, redriven={}))} == {
        f"answers input {root} after a later one" for root in (2, 3)
    }


def test_i4_a_transition_that_a_mended_learner_took_up_is_in_the_fold(told: History) -> None:
    """The learner set one aside, and its state was rebuilt after the mend: all transitions are folded."""
    taught = next(told.transitions())
    aside = replace(told, dead=told.dead + Counter([taught.place]))
    row = last(told, "q-table", lambda each: not isinstance(each, Marker) and each.visits)
    bent = changing(aside, row, q=row.value.q + 1e-12)

    assert learned(aside) == []
    assert {violation.invariant for violation in learned(bent)} == {"I4"}
    assert learned(without(told, taught)) == []


def without(told: History, taught: Entry) -> History:
    """The table as a learner folds it that has set that transition aside."""
    driver = Driver(build_learner())
    for entry in told.of("transitions"):
        data = b"nonsense" if entry == taught else encode("transitions", entry.value)
        driver.send_bytes(entry.key.encode(), data)
    rows = [(each.key, each.value) for each in driver.log if each.topic == "q-table"]
    history = with_entries(told, "q-table", [])
    for key, value in rows:
        history = with_record(history, "q-table", key, value)
    return replace(history, dead=told.dead + Counter([taught.place]))
