"""Acts and patches against a real broker, a real key table and a real view of decisions."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb
from pydantic import SecretStr

from domain.acts import AttendanceTold, ConsentTold, DecisionAnswered, EnrolmentTold, PaymentTold, StatusTold
from domain.events import LeadPatched, Sealed, derived_id
from domain.vocabulary import Consent, OperatorAnswer, Payment, Status, Told
from ingest.clock import wall
from ingest.decisions import DecisionsView, Found
from ingest.service import build
from ingest.settings import IngestSettings
from projections.migrate import upgrade
from runtime.errors import NotReady
from runtime.keys import Keys
from runtime.master import load_master
from runtime.outlet import Outlet
from runtime.settings import Settings
from schemas.codec import decode
from schemas.sealed import unseal
from tests.broker import eventually, read
from tests.unit.runtime.asgi import Client, client_of

SECRET = "a-secret-of-the-tests"
LEAD = "lead-ada"
OLD, IN_FORCE, VERDICT, UNKNOWN = (derived_id(LEAD, LEAD, "test", number) for number in range(4))
CAUSES = {OLD: "cause-1", IN_FORCE: "cause-2", VERDICT: "cause-3"}
_ROW = """
INSERT INTO {}.decisions (decision_id, lead_id, cause_event_id, partition, root_offset, sequence, verdict,
                          decided_at, state, record)
VALUES (%s, %s, %s, 0, %s, %s, %s, now(), 'new:neutral', %s)
"""


def headers(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {SECRET}-{secret}"}


@pytest.fixture
def migrated(settings: Settings) -> Settings:
    assert settings.postgres
    assert settings.master_key_file
    load_master(settings.master_key_file, create=True)
    upgrade(settings.postgres.get_secret_value(), settings.schema_name)
    return settings


@pytest.fixture
def viewed(migrated: Settings) -> Settings:
    """A decision, the one that took its place, and a verdict."""
    assert migrated.postgres
    row = sql.SQL(_ROW).format(sql.Identifier(migrated.schema_name))
    with psycopg.connect(migrated.postgres.get_secret_value()) as database:
        for sequence, (decision_id, cause) in enumerate(CAUSES.items(), 1):
            verdict = "none" if decision_id == VERDICT else "decision"
            values = (decision_id, LEAD, cause, sequence, sequence, verdict, Jsonb({}))
            database.execute(row, values)
    return migrated


@pytest.fixture
def keys(migrated: Settings) -> Iterator[Keys]:
    with closing(Keys(migrated)) as made:
        yield made


@pytest.fixture
def web(viewed: Settings, keys: Keys) -> Iterator[Client]:
    tokens = SecretStr(f"crm:{SECRET}-crm:ingest,desk:{SECRET}-desk:operate")
    own = IngestSettings(**viewed.model_dump(), tokens=tokens, clock_seconds=0)
    with Outlet(own) as outlet, client_of(build(own, outlet, keys, DecisionsView(own), wall)) as client:
        eventually(lambda: client.get("/readyz").json()["ready"], "readiness")
        yield client


DAY = "2026-05-04T15:00:00Z"
SESSION = {"lead_id": LEAD, "attended": False, "occurred_at": DAY, "external_ref": "session 4"}
PAYMENT = {"lead_id": LEAD, "outcome": "missed", "occurred_at": DAY, "external_ref": "invoice 9"}
TOLD: list[tuple[str, str, str, dict[str, Any]]] = [
    ("crm", "PATCH", f"/api/leads/{LEAD}", {"time_zone": "Europe/Berlin", "campaign_goal": "Camp"}),
    ("crm", "POST", "/api/consent", {"lead_id": LEAD, "consent": "opted_out", "reason": "Asked us to stop"}),
    ("desk", "POST", f"/api/leads/{LEAD}/consent/correct", {"reason": "The bus was to stop"}),
    ("crm", "POST", "/api/enrolments", {"lead_id": LEAD, "external_ref": "contract 7"}),
    ("crm", "POST", "/api/attendance", SESSION),
    ("crm", "POST", "/api/payments", PAYMENT),
    ("desk", "POST", f"/api/leads/{LEAD}/status", {"status": "trial", "kind": "observed", "reason": "Came"}),
    ("desk", "POST", f"/api/decisions/{IN_FORCE}/reject", {"reason": "No calls", "note": "Ask Kim"}),
    ("desk", "POST", f"/api/decisions/{IN_FORCE}/accept", {"note": "Kim calls"}),
    ("desk", "POST", f"/api/decisions/{IN_FORCE}/executed", {"action": "info_send", "note": "Sent"}),
]
KINDS = [
    *(LeadPatched, ConsentTold, ConsentTold, EnrolmentTold, AttendanceTold, PaymentTold, StatusTold),
    *(DecisionAnswered for _word in OperatorAnswer),
]


def test_every_act_lands_where_its_answer_says_and_opens_with_its_key(
    settings: Settings, web: Client, keys: Keys
) -> None:
    answers = [
        web.ask(method, path, json=body, headers=headers(who)).json() for who, method, path, body in TOLD
    ]
    messages = read(settings, "interactions")
    events: list[Any] = [decode("interactions", message.value or b"") for message in messages]
    for answer, message, event in zip(answers, messages, events, strict=True):
        place = (answer["event_id"], answer["topic"], answer["partition"], answer["offset"])
        assert place == (event.event_id, settings.topic("interactions"), message.partition, message.offset)
        assert (message.key, event.lead_id) == (LEAD.encode(), LEAD)

    def said(event: Any, field: str) -> str | None:
        sealed = getattr(event, field)
        assert isinstance(sealed, Sealed)
        key = keys.of(LEAD)
        assert sealed.key_id == key.key_id
        return unseal(key, field, sealed)

    assert [type(event) for event in events] == KINDS
    patch, consent, correction, enrolment, session, payment, status, *answered = events
    assert (patch.given, said(patch, "campaign_goal")) == (("time_zone", "campaign_goal"), "Camp")
    assert (consent.consent, consent.actor) == (Consent.OPTED_OUT, "crm")
    assert said(consent, "reason") == "Asked us to stop"
    assert (correction.false_detection, correction.actor) == (True, "desk")
    references = [said(one, "external_ref") for one in (enrolment, session, payment)]
    assert references == ["contract 7", "session 4", "invoice 9"]
    assert (session.attended, payment.outcome) == (False, Payment.MISSED)
    assert (status.status, status.kind, said(status, "reason")) == (Status.TRIAL, Told.OBSERVED, "Came")
    assert {one.decision_id for one in answered} == {IN_FORCE}
    assert [one.answer for one in answered] == list(OperatorAnswer)
    assert [said(one, "note") for one in answered] == ["Ask Kim", "Kim calls", "Sent"]
    assert (said(answered[0], "reason"), answered[-1].action) == ("No calls", "info_send")


def test_the_view_refuses_what_is_certain(settings: Settings, web: Client) -> None:
    for decision_id, status in ((OLD, 409), (VERDICT, 409), (UNKNOWN, 404)):
        path = f"/api/decisions/{decision_id}/accept"
        assert web.post(path, json={}, headers=headers("desk")).status_code == status
    assert read(settings, "interactions") == []


def test_the_view_knows_leads_successors_and_answers(viewed: Settings) -> None:
    view = DecisionsView(viewed)
    assert view.lead_of(OLD) == Found(LEAD, superseded=True)
    assert view.lead_of(IN_FORCE) == Found(LEAD)
    assert view.lead_of(VERDICT) == Found(LEAD, is_decision=False)
    assert view.lead_of(UNKNOWN) is None
    assert view.answered(LEAD, "cause-3")
    assert not view.answered(LEAD, "cause-4")
    assert not view.answered("lead-grace", "cause-3")


def test_a_schema_that_is_not_there_yet_is_not_ready(settings: Settings) -> None:
    with pytest.raises(NotReady, match="academy db migrate"):
        DecisionsView(settings).lead_of(OLD)
