"""Records and acts through the extractor: each once, its clear part only, a repeat told apart."""

from dataclasses import fields, replace
from typing import Any, get_args

import pytest

from domain.acts import DecisionAnswered
from domain.acts_enriched import (
    AnswerEnriched,
    AttendanceEnriched,
    ConsentEnriched,
    EnrolmentEnriched,
    ErasureEnriched,
    PaymentEnriched,
    ReminderAnsweredEnriched,
    ReminderSetEnriched,
    StatusEnriched,
)
from domain.events import (
    LeadEnriched,
    LeadPatched,
    LeadPatchEnriched,
    LeadRecorded,
    Repeated,
    derived_id,
)
from domain.vocabulary import Consent, Verdict
from extractor.forward import Forwarded, forward
from extractor.service import build
from runtime.driver import Driver
from schemas.registry import latest
from tests.keyring import MemoryKeys
from tests.unit.schemas.examples import example

BECOMES: dict[str, type[Any]] = {
    "lead": LeadEnriched,
    "lead-patched": LeadPatchEnriched,
    "consent": ConsentEnriched,
    "enrolment": EnrolmentEnriched,
    "attendance": AttendanceEnriched,
    "payment": PaymentEnriched,
    "status": StatusEnriched,
    "decision-answered": AnswerEnriched,
    "reminder": ReminderSetEnriched,
    "reminder-answered": ReminderAnsweredEnriched,
    "erasure": ErasureEnriched,
}
TOLD: dict[str, Any] = {
    schema.event: example(schema)
    for schema in latest().values()
    if schema.topic == "interactions" and schema.event in BECOMES
}
SHOWN: dict[str, Any] = {
    schema.event: example(schema)
    for schema in latest().values()
    if schema.topic == "enriched" and schema.event in BECOMES
}

each = pytest.mark.parametrize("kind", BECOMES)


def enriched(driver: Driver[Any], *events: Any) -> list[Any]:
    written = [driver.send(event.lead_id, event) for event in events]
    return [one.value for some in written for one in some if one.topic == "enriched"]


def test_every_kind_is_looked_at() -> None:
    assert {type(event) for event in TOLD.values()} == set(get_args(Forwarded))


@each
def test_an_event_becomes_exactly_one(kind: str) -> None:
    told = TOLD[kind]
    (said,) = enriched(Driver(build(MemoryKeys())), told)

    assert type(said) is BECOMES[kind]
    assert said == forward(told, said.root_offset)
    assert said.event_id == derived_id(told.lead_id, told.event_id, "enriched")
    assert (said.cause_event_id, said.recorded_at, said.occurred_at) == (
        told.event_id,
        told.recorded_at,
        told.occurred_at,
    )


@each
def test_it_is_what_the_committed_example_shows(kind: str) -> None:
    assert forward(TOLD[kind], SHOWN[kind].root_offset) == SHOWN[kind]


@each
def test_no_sealed_word_is_passed_on(kind: str) -> None:
    said = forward(TOLD[kind], 0)

    assert "Sealed" not in {type(getattr(said, one.name)).__name__ for one in fields(said)}


@each
@pytest.mark.parametrize("verdict", [Verdict.DUPLICATE, Verdict.CONFLICT])
def test_a_repeat_is_told_apart_by_its_body(kind: str, verdict: Verdict) -> None:
    told = TOLD[kind]
    body = told.body_hash if verdict is Verdict.DUPLICATE else b"another body"
    _first, again = enriched(Driver(build(MemoryKeys())), told, replace(told, body_hash=body))

    assert isinstance(again, Repeated)
    assert (again.cause_event_id, again.verdict) == (told.event_id, verdict)


def test_kinds_share_one_memory_of_ids() -> None:
    answer: DecisionAnswered = TOLD["decision-answered"]
    consent = replace(TOLD["consent"], event_id=answer.event_id)
    _first, again = enriched(Driver(build(MemoryKeys())), answer, consent)

    assert isinstance(again, Repeated)
    assert again.verdict is Verdict.CONFLICT


def test_a_part_that_was_not_given_stays_unsaid() -> None:
    patch: LeadPatched = replace(TOLD["lead-patched"], given=("campaign_goal",), children=())
    said = forward(patch, 7)

    assert isinstance(said, LeadPatchEnriched)
    assert (said.given, said.consents, said.children, said.time_zone) == (("campaign_goal",), {}, None, None)


def test_an_empty_list_of_children_is_none_of_them() -> None:
    said = forward(replace(TOLD["lead-patched"], given=("children",), children=()), 7)

    assert isinstance(said, LeadPatchEnriched)
    assert said.children == 0


def test_given_guardians_bring_their_consents() -> None:
    record: LeadRecorded = TOLD["lead"]
    said = forward(replace(TOLD["lead-patched"], given=("guardians",), guardians=record.guardians), 7)

    assert isinstance(said, LeadPatchEnriched)
    assert said.consents == {"g1": Consent.CONTACTABLE, "g2": Consent.CONTACTABLE}
