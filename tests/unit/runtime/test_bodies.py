"""Bodies that come as they should not: too large, or as JSON that can be read in two ways."""

import asyncio
from collections.abc import Iterator

import pytest
from starlette.types import Message

from runtime.bodies import bounded, check
from runtime.problems import Problem

SECRET = "Ada-Zzyzx"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b'{"a": 1, "a": 2}', "same key twice"),
        (b'{"a": 1, "\\u0061": 2}', "same key twice"),
        (b'[{"b": {"Ada-Zzyzx": 1, "Ada-Zzyzx": 2}}]', "same key twice"),
        (b"[" * 5000, "nested deeper"),
        (b'{"a":' * 201 + b"1" + b"}" * 201, "nested deeper"),
        (b'{"a": ' + b"9" * 5000 + b"}", "more than 4300 digits"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b'{"\xc3\x28": 1}', "not UTF-8"),
        (b'{"a": "\xed\xa0\x80"}', "not UTF-8"),
        (b'{"a": "\\ud800Ada-Zzyzx"}', "not JSON"),
        ('{"a": 1}'.encode("utf-16"), "not JSON"),
        (b'\xef\xbb\xbf{"a": 1}', "not JSON"),
        (b'{"a": NaN}', "not JSON"),
        (b'{"a": -Infinity}', "not JSON"),
        (b'{"a": 01}', "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": 1,}', "not JSON"),
        (b'{"a": 1} Ada-Zzyzx', "not JSON"),
        (b'{"a": 1}{"a": 1}', "not JSON"),
        (b'{"a": "b\nc"}', "not JSON"),
        (b"Ada-Zzyzx", "not JSON"),
        (b" ", "not JSON"),
    ],
)
def test_json_that_means_two_things_or_none_is_malformed(body: bytes, sentence: str) -> None:
    with pytest.raises(Problem) as problem:
        check(body)

    assert problem.value.status_code == 400
    assert sentence in problem.value.detail
    assert SECRET not in str(problem.value.body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"7",
        b' {"a": [1, 2.5, null, true, "\\u00e9\\ud83d\\ude00"]} ',
        b"[" * 150 + b"]" * 150,
        b'{"a": {"a": {"a": 1}}, "b": {"a": 1}}',
        b'{"a": ' + b"9" * 4000 + b"}",
    ],
)
def test_plain_json_passes(body: bytes) -> None:
    check(body)


def sending(parts: list[bytes], *, ends: bool = True) -> Iterator[Message]:
    for number, part in enumerate(parts, 1):
        yield {"type": "http.request", "body": part, "more_body": not ends or number < len(parts)}


def received(messages: Iterator[Message]) -> list[Message]:
    """What a route gets of them until the last."""

    async def receive() -> Message:
        return next(messages)

    async def read() -> list[Message]:
        wrapped = bounded(receive, 20)
        got = [await wrapped()]
        while got[-1].get("more_body", False):
            got.append(await wrapped())
        return got

    return asyncio.run(read())


def test_a_body_is_handed_on_as_it_comes() -> None:
    assert [part["body"] for part in received(sending([b'{"a"', b": 1", b"}"]))] == [b'{"a"', b": 1", b"}"]


def test_what_is_wrong_is_seen_across_parts() -> None:
    with pytest.raises(Problem, match="400"):
        received(sending([b'{"a": 1,', b'"a": 2}']))
    with pytest.raises(Problem, match="413"):
        received(sending([b'{"a": "', b"x" * 20, b'"}']))


def test_a_client_that_goes_in_the_middle_is_no_malformed_body() -> None:
    messages = [*sending([b'{"a"'], ends=False), {"type": "http.disconnect"}]

    assert received(iter(messages))[-1] == {"type": "http.disconnect"}
