"""The adapter against a provider on loopback: answers, every way of failing, what is tried again, and for how long."""

import asyncio
import gzip
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from domain.vocabulary import Channel, Direction, Failure, Intent, OptOut
from extractor.answer_schema import answer_schema
from extractor.openai_model import Patience, openai_model
from extractor.port import Reply, request, works
from extractor.pricing import Usage, price_of
from extractor.prompt import conversation, instructions
from extractor.provider import Provider
from tests.provider import says
from tests.provider.says import Says
from tests.provider.stub import Provider as Stub

ASKED = request(
    "Coach: Hi, this is the academy.\nParent: We would love to come.", Channel.VOICE, Direction.OUTBOUND
)
PATIENCE = Patience(seconds=5.0, try_seconds=2.0, tries=3, first_pause=0.001)
ONCE = Usage(1800, 1536, 0, 240)
LIBRARIES = ("openai", "httpx2", "httpcore2", "aiohttp")
CANARY = "sk-canary-of-the-tests"


@pytest.fixture
def stub() -> Stub:
    return Stub()


@pytest.fixture
def address(stub: Stub) -> Iterator[str]:
    with stub.served() as found:
        yield found


def asks(
    address: str, patience: Patience = PATIENCE, model: str = "gpt-6-luna", effort: str | None = None
) -> Reply:
    """The reply to one question, on a loop of its own."""

    async def asked() -> Reply:
        made = openai_model(Provider(CANARY, address, model, price_of(model), effort), patience, lambda: 1.0)
        try:
            return await made.ask(ASKED)
        finally:
            await made.close()

    return asyncio.run(asked())


def test_e3_an_answer_becomes_an_extraction_with_its_tokens(stub: Stub, address: str) -> None:
    quote = "We would love to come."
    stub.queued.append(
        says.reads(
            facts=[{"quote": quote, "speaker": "family", "text": "Wants to come"}],
            intent="interested",
            opt_out={"quote": "stop", "verdict": "unsure"},
        )
    )

    reply = asks(address)

    assert reply.said is not None
    assert (reply.said.adapter, reply.said.model, reply.said.intent) == (
        "openai",
        "gpt-6-luna",
        Intent.INTERESTED,
    )
    assert reply.said.facts[0].quote == quote
    assert reply.said.opt_out.verdict is OptOut.UNSURE
    assert (reply.failure, reply.attempts, reply.used) == (None, 1, ONCE)
    assert reply.asked_at is not None
    assert datetime.now(UTC) - reply.asked_at < timedelta(minutes=1)


def test_the_question_has_what_is_alike_first_and_the_words_last(stub: Stub, address: str) -> None:
    asks(address)

    (body,) = stub.asked
    assert list(body["messages"][0].values()) == ["system", instructions()]
    assert body["messages"][-1] == {"role": "user", "content": conversation(ASKED)}
    assert body["response_format"]["json_schema"] == {
        "name": "extraction", "strict": True, "schema": answer_schema(),
    }  # fmt: skip
    assert (body["store"], body["model"]) == (False, "gpt-6-luna")
    assert stub.keys == [f"Bearer {CANARY}"]


def test_an_answer_may_come_packed(stub: Stub, address: str) -> None:
    plain = says.reads(intent="considering")
    stub.queued.append(Says(gzip.compress(plain.body), headers={"content-encoding": "gzip"}))

    reply = asks(address)

    assert reply.said is not None
    assert (reply.said.intent, reply.attempts) == (Intent.CONSIDERING, 1)


def test_an_address_that_has_moved_is_followed(stub: Stub, address: str) -> None:
    stub.queued.append(Says(b"", 307, {"location": f"{address}/chat/completions?again"}))

    reply = asks(address)

    assert (reply.failure, reply.attempts) == (None, 1)
    assert stub.asked[0] == stub.asked[1]


@pytest.mark.parametrize(
    ("model", "effort", "sent"),
    [
        ("gpt-6-luna", None, {"reasoning_effort": "none"}),
        ("gpt-6-luna", "low", {"reasoning_effort": "low"}),
        ("gpt-4o-mini", None, {"temperature": 0.0}),
        ("a-model-of-your-own", None, {}),
    ],
)
def test_a_model_is_sent_what_it_takes(
    stub: Stub, address: str, model: str, effort: str | None, sent: dict[str, Any]
) -> None:
    asks(address, model=model, effort=effort)

    body = stub.asked[0]
    assert {name: body[name] for name in ("reasoning_effort", "temperature") if name in body} == sent


MENDED = [
    pytest.param(says.BUSY, Failure.BUSY, id="429"),
    pytest.param(says.failing(500), Failure.ERROR, id="500"),
    pytest.param(says.failing(503), Failure.ERROR, id="503"),
    pytest.param(says.MALFORMED, Failure.MALFORMED, id="malformed JSON"),
    pytest.param(says.WRONG, Failure.MALFORMED, id="another schema"),
    pytest.param(says.NO_JSON, Failure.MALFORMED, id="no JSON"),
    pytest.param(says.NO_CHOICE, Failure.MALFORMED, id="no choice"),
    pytest.param(says.HUNG_UP, Failure.UNREACHED, id="hung up"),
    pytest.param(says.hanging(), Failure.LATE, id="too slow"),
]


def brief(failure: Failure, tries: int) -> Patience:
    """Little patience where nothing comes; else enough for a slow machine."""
    seconds = 0.5 if failure is Failure.LATE else 5.0
    return Patience(seconds=9.0, try_seconds=seconds, tries=tries, first_pause=0.001)


@pytest.mark.parametrize(("said", "failure"), MENDED)
def test_e4_what_a_try_can_mend_is_tried_again(
    stub: Stub, address: str, said: Says, failure: Failure
) -> None:
    stub.queued.append(said)
    reply = asks(address, brief(failure, 3))

    assert (reply.failure, reply.attempts) == (None, 2)


@pytest.mark.parametrize(("said", "failure"), MENDED)
def test_e4_tries_are_counted_and_end(stub: Stub, address: str, said: Says, failure: Failure) -> None:
    stub.usually = lambda _body: said
    reply = asks(address, brief(failure, 2))

    assert (reply.said, reply.failure, reply.attempts) == (None, failure, 2)
    assert len(stub.asked) == 2


@pytest.mark.parametrize(
    ("said", "failure", "working"),
    [
        pytest.param(says.QUOTA, Failure.QUOTA, False, id="quota"),
        pytest.param(says.refusal(), Failure.REFUSED, True, id="refusal"),
        pytest.param(says.FILTERED, Failure.FILTERED, True, id="filter"),
        pytest.param(says.failing(400, "content_filter"), Failure.FILTERED, True, id="filter, 400"),
        pytest.param(says.failing(400), Failure.DENIED, False, id="400"),
        pytest.param(says.failing(401, "invalid_api_key"), Failure.DENIED, False, id="401"),
        pytest.param(says.failing(404, "model_not_found"), Failure.DENIED, False, id="404"),
    ],
)
def test_e4_what_no_try_can_mend_is_asked_once(
    stub: Stub, address: str, said: Says, failure: Failure, working: bool
) -> None:
    stub.usually = lambda _body: said

    reply = asks(address)

    assert (reply.said, reply.failure, reply.attempts) == (None, failure, 1)
    assert len(stub.asked) == 1
    assert works(reply) is working


def test_an_answer_that_was_cut_is_asked_for_once_more_with_twice_the_tokens(
    stub: Stub, address: str
) -> None:
    stub.usually = lambda _body: says.CUT

    reply = asks(address)

    assert [body["max_completion_tokens"] for body in stub.asked] == [1500, 3000]
    assert (reply.failure, reply.used) == (Failure.CUT, ONCE + ONCE)


@pytest.mark.parametrize(
    "headers",
    [
        {"retry_after": "0.3"},
        {"retry_after_ms": "300"},
        {"retry_after": format_datetime(datetime.now(UTC) + timedelta(hours=-1), usegmt=True)},
        {"retry_after": "soon"},
    ],
)
def test_a_named_pause_is_kept(stub: Stub, address: str, headers: dict[str, str]) -> None:
    stub.queued.append(says.failing(429, **headers))

    reply = asks(address)

    assert (reply.failure, reply.attempts) == (None, 2)
    named = "0.3" in headers.values() or "300" in headers.values()
    assert (reply.latency_ms >= 300) is named


def test_a_pause_that_is_longer_than_what_is_left_ends_the_question_at_once(stub: Stub, address: str) -> None:
    stub.queued.append(says.failing(429, retry_after="60"))

    reply = asks(address)

    assert (reply.failure, reply.attempts) == (Failure.BUSY, 1)
    assert reply.latency_ms < 2000


def test_e4_all_tries_together_end_in_time(stub: Stub, address: str) -> None:
    stub.usually = lambda _body: says.hanging()
    patience = Patience(seconds=1.0, try_seconds=0.4, tries=100, first_pause=0.001)

    reply = asks(address, patience)

    assert reply.failure is Failure.LATE
    assert 2 <= reply.attempts <= 4
    assert reply.latency_ms < 2000


def test_nobody_at_the_address(stub: Stub) -> None:
    with stub.served() as address:
        pass

    reply = asks(address)

    assert (reply.failure, reply.attempts, reply.used) == (Failure.UNREACHED, 3, Usage())
    assert not works(reply)


def test_no_word_and_no_key_is_logged_even_where_everything_is(
    stub: Stub, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.DEBUG)
    bad = [param.values[0] for param in MENDED]
    for said in (says.refusal(), says.QUOTA, says.failing(400), says.CUT, *bad):
        stub.queued.append(said)  # type: ignore[arg-type] # a parameter's values have no type
        asks(address, Patience(seconds=1.0, try_seconds=0.5, tries=1, first_pause=0.001))
    asks(address)

    told = "\n".join(f"{record.getMessage()} {record.exc_text} {record.args}" for record in caplog.records)
    assert "love to come" not in told
    assert CANARY not in told
    assert [each.name for each in caplog.records if each.name.startswith(LIBRARIES)] == []
