"""POST /api/interactions: what reaches the log, and what the caller is told."""

import threading
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.events import InteractionRecorded
from domain.opt_out import CLASSIFIER
from domain.vocabulary import Channel, Direction, OptOut, Outcome
from ingest import examples
from runtime.keys import guardian
from runtime.retention import Retention
from schemas.sealed import unseal
from tests.unit.ingest.conftest import NOW, Ingest, call

EVENT = "0198c5c2-6f3a-7c11-9d1e-8a6a3f0b7d42"
PATH = "/api/interactions"
SAID = "Parent: My number is +1 312 555 0142, ask for Ada Example."


def only(ingest: Ingest) -> InteractionRecorded:
    (event,) = ingest.events()
    assert isinstance(event, InteractionRecorded)
    return event


def test_words_that_are_kept_for_a_time_are_under_their_months_key_and_the_body_hash_is_not(
    ingest: Ingest,
) -> None:
    """So that a retry in the next month is known by its hash."""
    first = ingest.post(PATH, call(id=EVENT, guardian_id="g1", transcript="hello"))
    assert first.status_code == 202
    ingest.keys.retention = Retention({"interaction": 365})
    assert ingest.post(PATH, call(id=EVENT, guardian_id="g1", transcript="hello")).status_code == 202

    plain, dated = ingest.events()

    assert plain.transcript.key_id == ingest.keys.of("lead-ada/g/g1").key_id
    assert dated.transcript.key_id == ingest.keys.of("lead-ada/g/g1@interaction.2026-05").key_id
    assert plain.body_hash == dated.body_hash


@pytest.mark.parametrize("body", examples.INTERACTIONS.values(), ids=list(examples.INTERACTIONS))
def test_every_example_of_the_document_is_accepted(ingest: Ingest, body: dict[str, Any]) -> None:
    response = ingest.post(PATH, body)
    assert response.status_code == 202, response.text
    assert only(ingest).lead_id == body["lead_id"]


def test_the_answer_says_where_the_event_is(ingest: Ingest) -> None:
    first, second = (ingest.post(path, call(id=EVENT)).json() for path in (PATH, f"{PATH}/"))
    assert first == {"event_id": EVENT, "topic": "interactions", "partition": first["partition"], "offset": 0}
    assert second == {**first, "offset": 1}
    assert len(ingest.outlet.logs[first["partition"]]) == 2


def test_the_event_is_what_was_posted(ingest: Ingest) -> None:
    decision = "0198c5c2-0000-8000-8000-000000000001"
    ingest.post(
        PATH, call(id=EVENT, transcript=SAID, duration_s=60, decision_id=decision, external_ref="CRM-7")
    )
    event = only(ingest)
    assert (event.event_id, event.lead_id, event.decision_id) == (EVENT, "lead-ada", decision)
    assert (event.channel, event.direction, event.outcome) == (
        Channel.VOICE,
        Direction.INBOUND,
        Outcome.COMPLETED,
    )
    assert (event.duration_s, event.guardian_id) == (60, None)
    assert event.occurred_at == datetime(2026, 5, 5, 17, 0, tzinfo=UTC)
    assert event.recorded_at == NOW.replace(microsecond=123_000)
    assert event.classifier == CLASSIFIER


def test_texts_are_sealed_under_the_household_and_open_again(ingest: Ingest) -> None:
    ingest.post(PATH, call(transcript=SAID, external_ref="CRM-7"))
    event, key = only(ingest), ingest.keys.table["lead-ada"]
    assert key
    assert event.transcript
    assert event.external_ref
    assert unseal(key, "transcript", event.transcript) == SAID
    assert unseal(key, "external_ref", event.external_ref) == "CRM-7"
    assert list(ingest.keys.table) == ["lead-ada"]


def test_what_a_guardian_said_is_sealed_for_that_guardian(ingest: Ingest) -> None:
    ingest.post(PATH, call(transcript=SAID, guardian_id="g1"))
    event, key = only(ingest), ingest.keys.table[guardian("lead-ada", "g1")]
    assert key
    assert event.transcript
    assert unseal(key, "transcript", event.transcript) == SAID
    assert "lead-ada" not in ingest.keys.table


def test_no_word_of_the_family_is_in_the_record(ingest: Ingest) -> None:
    ingest.post(PATH, call(transcript=SAID, external_ref="CRM-7", guardian_id="g1"))
    ((key, value, headers),) = ingest.outlet.records()
    for secret in (b"Ada", b"312 555", b"CRM-7"):
        assert secret not in key.encode() + value + repr(headers).encode()


@pytest.mark.parametrize("more", [{}, {"channel": "sms", "outcome": "completed"}, {"outcome": "failed"}])
def test_t1_an_sms_of_a_conversation_is_an_event_at_once(ingest: Ingest, more: dict[str, Any]) -> None:
    body = {**examples.SMS["sms"], **more}
    response = ingest.post(f"{PATH}/sms", body)
    assert response.status_code == 202, response.text
    event = only(ingest)
    assert (event.channel, event.buffered) == (Channel.SMS, True)
    assert event.outcome == body.get("outcome", "completed")


def test_an_sms_by_the_common_route_is_read_at_once(ingest: Ingest) -> None:
    ingest.post(PATH, {**examples.SMS["sms"], "channel": "sms", "outcome": "completed"})
    assert not only(ingest).buffered


@pytest.mark.parametrize(
    ("more", "field"),
    [
        pytest.param({"channel": "voice"}, "channel", id="a call"),
        pytest.param({"outcome": "voicemail"}, "outcome", id="voicemail"),
    ],
)
def test_what_is_no_sms_is_told_so(ingest: Ingest, more: dict[str, Any], field: str) -> None:
    response = ingest.post(f"{PATH}/sms", {**examples.SMS["sms"], **more})
    assert response.status_code == 422, response.text
    assert [
        (one["field"], "sms" in one["message"] or "completed" in one["message"])
        for one in response.json()["errors"]
    ] == [(field, True)]


def test_headers_name_the_event_its_type_and_schema(ingest: Ingest) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    ingest.post(PATH, call(id=EVENT), traceparent=trace)
    ingest.post(PATH, call(id=EVENT), traceparent="00-Ada-1")
    with_trace, without = (dict(headers) for _, _, headers in ingest.outlet.records())
    assert without == {"event-id": EVENT.encode(), "event-type": b"interaction", "schema-version": b"2"}
    assert with_trace == {**without, "traceparent": trace.encode()}


@pytest.mark.parametrize(
    ("body", "opt_out"),
    [
        pytest.param({"channel": "sms", "transcript": "STOP"}, OptOut.YES, id="t2 keyword"),
        pytest.param(
            {"channel": "sms", "transcript": "We wait at the bus stop"}, OptOut.NO, id="t2 bus stop"
        ),
        pytest.param(
            {"channel": "sms", "direction": "outbound", "transcript": "STOP"}, OptOut.NO, id="t2 our own sms"
        ),
        pytest.param(
            {"direction": "outbound", "transcript": "Parent: Never contact us again."},
            OptOut.YES,
            id="t2 our call",
        ),
        pytest.param(
            {"transcript": "Coach: You can reply STOP.\nParent: We love it."},
            OptOut.NO,
            id="t2 our words in a call",
        ),
        pytest.param(
            {"direction": "outbound", "outcome": "voicemail", "transcript": "Reply STOP to end. STOP"},
            OptOut.NO,
            id="t2 a tape of ours",
        ),
        pytest.param({}, OptOut.NO, id="t2 nothing said"),
    ],
)
def test_t2_only_the_familys_words_are_classified(
    ingest: Ingest, body: dict[str, Any], opt_out: OptOut
) -> None:
    ingest.post(PATH, call(**body))
    assert only(ingest).opt_out is opt_out


def test_t1_urgency_is_stamped(ingest: Ingest) -> None:
    ingest.post(PATH, call(channel="sms", transcript="This is urgent, please"))
    ingest.post(PATH, call(channel="sms", direction="outbound", transcript="Is it urgent? Call us"))
    assert sorted(event.urgent for event in ingest.events()) == [False, True]


def test_an_id_is_made_when_none_is_given(ingest: Ingest) -> None:
    first, second = (ingest.post(PATH, call()).json()["event_id"] for _ in range(2))
    assert uuid.UUID(first).version == uuid.UUID(second).version == 7
    assert first < second


def test_an_idempotency_key_names_the_event_for_its_token(ingest: Ingest) -> None:
    headers = {"Idempotency-Key": "call-7781"}
    first = ingest.post(PATH, call(id=EVENT), **headers).json()
    again = ingest.post(PATH, call(), **headers).json()
    assert first == again
    assert first["event_id"] != EVENT
    assert len(ingest.events()) == 1
    ingest.headers["Authorization"] += "-too"
    assert ingest.post(PATH, call(), **headers).json()["event_id"] != first["event_id"]


def test_another_body_under_an_idempotency_key_is_refused(ingest: Ingest) -> None:
    headers = {"Idempotency-Key": "call-7781"}
    ingest.post(PATH, call(), **headers)
    response = ingest.post(PATH, call(outcome="failed"), **headers)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "Idempotency-Key"
    assert len(ingest.events()) == 1


def test_the_hash_tells_bodies_of_one_event_apart(ingest: Ingest) -> None:
    for body in (
        call(id=EVENT),
        call(id=EVENT),
        call(id=EVENT, duration_s=9),
        call(id=EVENT, transcript="x"),
    ):
        ingest.post(PATH, body)
    first, again, *others = (event.body_hash for event in ingest.events())
    assert first == again
    assert len({first, *others}) == 3
    assert 8 <= len(first) <= 32


def test_a_moment_is_the_same_in_every_zone(ingest: Ingest) -> None:
    for at in ("2026-05-05T17:00:00Z", "2026-05-05T12:00:00-05:00", "2026-05-05T12:00:00Z"):
        ingest.post(PATH, call(id=EVENT, occurred_at=at))
    first, same, other = (event.body_hash for event in ingest.events())
    assert first == same
    assert first != other


def test_the_hash_cannot_be_guessed_without_the_key(ingest: Ingest) -> None:
    ingest.post(PATH, call(id=EVENT))
    ingest.keys.destroy("lead-ada")
    ingest.keys.table.clear()
    ingest.post(PATH, call(id=EVENT))
    first, second = (event.body_hash for event in ingest.events())
    assert first != second


def test_kafka_away_is_a_503_with_the_id_to_retry_with(ingest: Ingest) -> None:
    ingest.outlet.away = True
    response = ingest.post(PATH, call())
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    problem = response.json()
    assert problem["type"] == "urn:academy:problem:unacknowledged"
    ingest.outlet.away = False
    assert ingest.post(PATH, call(id=problem["event_id"])).json()["event_id"] == problem["event_id"]


def test_a_failed_write_is_not_remembered_for_its_idempotency_key(ingest: Ingest) -> None:
    ingest.outlet.away = True
    failed = ingest.post(PATH, call(), **{"Idempotency-Key": "k"}).json()["event_id"]
    ingest.outlet.away = False
    assert ingest.post(PATH, call(), **{"Idempotency-Key": "k"}).json()["event_id"] == failed
    assert len(ingest.events()) == 1


def test_postgres_away_serves_those_whose_keys_are_in_memory(ingest: Ingest) -> None:
    ingest.post(PATH, call())
    ingest.keys.away = True
    assert ingest.post(PATH, call()).status_code == 202
    response = ingest.post(PATH, call(lead_id="lead-grace"))
    assert response.status_code == 503
    assert response.headers["retry-after"]
    assert len(ingest.events()) == 2


def test_the_loop_never_waits_for_postgres(ingest: Ingest) -> None:
    ingest.post(PATH, call())
    assert ingest.keys.askers
    assert threading.get_ident() not in ingest.keys.askers


def test_nothing_is_taken_about_an_erased_person(ingest: Ingest) -> None:
    ingest.post(PATH, call())
    ingest.keys.destroy("lead-ada")
    response = ingest.post(PATH, call())
    assert (response.status_code, response.json()["type"]) == (410, "urn:academy:problem:erased")


def test_a_long_transcript_is_taken_whole(ingest: Ingest) -> None:
    said = "Parent: Saturdays are fine. " * 7_000
    assert ingest.post(PATH, call(transcript=said)).status_code == 202
    event, key = only(ingest), ingest.keys.table["lead-ada"]
    assert key
    assert event.transcript
    assert unseal(key, "transcript", event.transcript) == said


def test_a_transcript_of_an_unanswered_call_is_accepted(ingest: Ingest) -> None:
    assert ingest.post(PATH, call(outcome="no_answer", transcript="(rings)")).status_code == 202
