"""A5: for an erased household nothing is kept, and nothing is decided again."""

from typing import Any

import pytest

from decider.service import EFFECTS, handle
from domain.acts_enriched import ErasureEnriched
from domain.records import Decision
from domain.states import Lead
from domain.vocabulary import Consent, Verdict
from runtime.transform import Record
from schemas.registry import latest
from tests import given
from tests.answers import on_erasure, on_interaction, on_lead
from tests.unit.schemas.examples import example

LEARNED = given.learned()
EVENTS: dict[type, Any] = {
    schema.type: example(schema) for schema in latest().values() if schema.topic == "enriched"
}


def erasure(subject: str | None = None) -> ErasureEnriched:
    at = given.later(days=2)
    return ErasureEnriched("enriched-9", "erasure-1", "fam-1", 9, at, at, subject)


def known() -> Lead:
    lead = on_lead(None, given.lead(), given.NOON, LEARNED).lead
    return on_interaction(lead, given.text(given.later(days=1)), given.later(days=1), LEARNED).lead


def test_a5_all_that_was_known_of_the_household_goes() -> None:
    answer = on_erasure(known(), erasure(), given.later(days=2), LEARNED)

    assert answer.lead == Lead("fam-1", sequence=3, erased=True)
    assert (answer.decision.verdict, answer.decision.reason) == (Verdict.ERASED, "household_erased")
    assert answer.transitions == ()
    assert answer.lead.due is None


@pytest.mark.parametrize("kind", EFFECTS, ids=lambda kind: kind.__name__)
def test_a5_whatever_is_heard_afterwards_is_answered_erased_and_changes_nothing(kind: type) -> None:
    gone = Lead("fam-castellan", sequence=3, erased=True)
    event = EVENTS[kind]
    record = Record("enriched", 0, 12, "fam-castellan", event, given.later(days=3))

    after, outputs = handle(lambda: LEARNED, gone, record)

    (answer,) = [output.value for output in outputs]
    assert isinstance(answer, Decision)
    assert (answer.verdict, answer.reason) == (Verdict.ERASED, "household_erased")
    assert (answer.cause_event_id, answer.action) == (event.cause_event_id, None)
    assert after == Lead("fam-castellan", sequence=4, erased=True)


def test_a5_of_one_person_the_consent_goes_but_a_refusal_outlives_who_made_it() -> None:
    lead = known()
    refused = Lead("fam-1", consents={"g1": Consent.OPTED_OUT, "g2": Consent.CONTACTABLE})

    free = on_erasure(lead, erasure("g/g1"), given.later(days=2), LEARNED)
    bound = on_erasure(refused, erasure("g/g1"), given.later(days=2), LEARNED)

    assert free.lead.consents == {}
    assert free.lead.in_force == lead.in_force
    assert bound.lead.consent is Consent.OPTED_OUT
    assert "g1" not in bound.lead.consents
