"""The issuer's keys: remembered, asked for again at most once a minute, and in force while the issuer is away."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from runtime.errors import Misconfigured
from runtime.jwks import OLD_S, PAUSE_S, KeySet, key_set, usable
from runtime.problems import Problem
from tests.unit.runtime.issuing import key_list, public


@dataclass
class Provider:
    """What stands at its address, how often it was asked, and the time."""

    listed: list[str]
    away: bool = False
    asked: int = 0
    now: float = 1000.0
    answer: asyncio.Event = field(default_factory=asyncio.Event)

    async def fetch(self) -> bytes:
        self.asked += 1
        await self.answer.wait()
        if self.away:
            raise httpx.ConnectError("away")
        return key_list(self.listed)


def tried(listed: list[str], test: Callable[[Provider, KeySet], Coroutine[Any, Any, None]]) -> None:
    async def trial() -> None:
        provider = Provider(listed)
        provider.answer.set()
        await test(provider, KeySet(provider.fetch, lambda: provider.now))

    asyncio.run(trial())


async def status(keys: KeySet, kid: str) -> int:
    try:
        return 200 if (await keys.key(kid)).key_id == kid else 500
    except Problem as problem:
        return problem.status_code


def test_keys_are_asked_for_once_and_by_many_together() -> None:
    async def test(provider: Provider, keys: KeySet) -> None:
        provider.answer.clear()
        callers = [asyncio.create_task(status(keys, "curve")) for _ in range(50)]
        await asyncio.sleep(0)
        provider.answer.set()

        assert set(await asyncio.gather(*callers)) == {200}
        assert await status(keys, "curve") == 200
        assert provider.asked == 1

    tried(["curve"], test)


def test_a_new_key_is_found_and_a_flood_of_unknown_ones_asks_once_a_minute() -> None:
    async def test(provider: Provider, keys: KeySet) -> None:
        assert await status(keys, "curve") == 200
        provider.listed.append("curve-2")
        assert {await status(keys, f"invented-{n}") for n in range(100)} == {401}
        assert (await status(keys, "curve-2"), provider.asked) == (401, 1)

        provider.now += PAUSE_S
        assert (await status(keys, "curve-2"), provider.asked) == (200, 2)

    tried(["curve"], test)


def test_while_the_issuer_is_away_known_keys_go_on_and_others_are_told_to_come_again() -> None:
    async def test(provider: Provider, keys: KeySet) -> None:
        assert await status(keys, "curve") == 200
        provider.away = True
        provider.now += 100 * OLD_S
        assert await status(keys, "curve") == 200
        assert await status(keys, "curve-2") == 503
        assert await status(keys, "curve") == 200

        provider.away, provider.listed = False, ["curve", "curve-2"]
        assert await status(keys, "curve-2") == 503
        provider.now += PAUSE_S
        assert await status(keys, "curve-2") == 200

    tried(["curve"], test)


def test_an_issuer_that_was_never_there_is_no_reason_to_let_anybody_in() -> None:
    async def test(provider: Provider, keys: KeySet) -> None:
        provider.away = True
        assert await status(keys, "curve") == 503

    tried(["curve"], test)


def test_a_key_that_was_withdrawn_ends_within_the_hour_and_nobody_waits_for_that() -> None:
    async def test(provider: Provider, keys: KeySet) -> None:
        assert await status(keys, "curve") == 200
        provider.listed[:] = ["curve-2"]
        provider.now += OLD_S + 1
        provider.answer.clear()
        assert await status(keys, "curve") == 200, "a known key waits for nothing"
        provider.answer.set()
        assert await status(keys, "curve-2") == 200
        assert await status(keys, "curve") == 401

    tried(["curve"], test)


def test_only_keys_that_sign_as_we_allow_are_used() -> None:
    listed = {
        "keys": [
            public("curve"),
            public("rsa"),
            public("ed"),
            public("rsa-enc", use="enc"),
            public("rsa-512", alg="RS512"),
            public("short"),
            {**public("curve-nameless"), "kid": None},
            {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0", "kid": "shared", "alg": "HS256"},
            {"kty": "unheard", "kid": "of"},
        ]
    }

    assert usable(json.dumps(listed).encode()).keys() == {"curve", "rsa", "ed"}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"keys": 7}', '{"keys": []}', '{"keys": [7]}', "[" * 5000])
def test_a_file_that_is_no_key_set_refuses_the_start(text: str, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(text)

    with pytest.raises(Misconfigured, match="holds no key"):
        key_set(str(path))
    with pytest.raises(Misconfigured, match="cannot be read"):
        key_set(str(tmp_path / "missing.json"))


def test_a_file_is_read_again_for_a_new_key(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(key_list(["curve"]))
    keys = key_set(str(path))
    path.write_bytes(key_list(["curve", "curve-2"]))

    assert asyncio.run(status(keys, "curve-2")) == 200


def test_keys_do_not_travel_in_clear() -> None:
    with pytest.raises(Misconfigured, match="https"):
        key_set("http://id.academy.example/keys")
    assert isinstance(key_set("http://127.0.0.1:9/keys"), KeySet)
    assert isinstance(key_set("https://id.academy.example/keys"), KeySet)
