"""What a provider says is believed as far as it makes sense, whatever it is."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.vocabulary import Failure
from extractor.completion import MOST, Completion, failure_of, pause_told, told
from extractor.pricing import Usage
from tests.provider import says


def used(**usage: Any) -> Usage:
    body = {"choices": [{"message": {"content": "{}"}}], "usage": usage}
    return msgspec.json.decode(json.dumps(body), type=Completion).used


def test_tokens_are_as_the_provider_counts_them() -> None:
    details = {"cached_tokens": 70, "cache_write_tokens": 20}

    assert used(prompt_tokens=100, completion_tokens=5, prompt_tokens_details=details) == Usage(
        100, 70, 20, 5
    )


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({}, Usage()),
        ({"prompt_tokens": None}, Usage()),
        ({"prompt_tokens": -5, "completion_tokens": -1}, Usage()),
        ({"prompt_tokens": 10, "prompt_tokens_details": {"cached_tokens": 30}}, Usage(10, 10)),
        ({"prompt_tokens": 1 << 62, "completion_tokens": 1 << 62}, Usage(MOST, 0, 0, MOST)),
    ],
)
def test_a_count_that_makes_no_sense_is_bounded(usage: dict[str, Any], expected: Usage) -> None:
    assert used(**usage) == expected


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5)


@given(st.fixed_dictionaries({}, optional={"choices": JSON, "usage": JSON}) | JSON)
def test_any_json_is_a_completion_or_refused_as_none(body: Any) -> None:
    try:
        found = msgspec.json.decode(json.dumps(body), type=Completion)
    except msgspec.DecodeError:
        return
    assert told(found).failure in (None, *Failure)
    assert found.used.cached + found.used.written <= found.used.input


@pytest.mark.parametrize(
    ("status", "code", "failure"),
    [
        (429, None, Failure.BUSY),
        (429, "billing_hard_limit_reached", Failure.QUOTA),
        (408, None, Failure.ERROR),
        (529, None, Failure.ERROR),
        (403, "content_filter", Failure.FILTERED),
        (422, None, Failure.DENIED),
    ],
)
def test_e4_an_error_has_its_class(status: int, code: str | None, failure: Failure) -> None:
    assert failure_of(status, code, None) is failure


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
        ({"retry-after": "Thu, 99 Foo 1970 00:00:00 GMT"}, None),
    ],
)
def test_e4_a_pause_is_read_in_each_of_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert pause_told(headers) == seconds


def test_a_refusal_is_told_apart_from_an_answer() -> None:
    assert told(msgspec.json.decode(says.refusal().body, type=Completion)).failure is Failure.REFUSED
