"""A master key that a service keeps: asked over HTTP for every key, away, refusing, rotated, and not the right one."""

import time
from collections.abc import Iterator

import pytest

from infra.rotation import rotate
from runtime.errors import Misconfigured, NotReady
from runtime.keys import PAUSE_S, Keys
from runtime.settings import Settings
from schemas.sealed import seal, unseal
from tests.kms import ADDRESS, PATIENCE_S, Service, served


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    made = Service()
    with served(made) as address:
        monkeypatch.setenv(ADDRESS, address)
        yield made


@pytest.fixture
def elsewhere(keyed: Settings, service: Service) -> Settings:
    """The key table, and a provider by the public setting instead of a file."""
    return keyed.model_copy(
        update={"master_key_file": None, "master_key_provider": "tests.kms:provider", "master_key": None}
    )


@pytest.fixture
def keys(elsewhere: Settings) -> Iterator[Keys]:
    made = Keys(elsewhere)
    yield made
    made.close()


def test_keys_are_wrapped_and_opened_by_the_service_and_found_by_others(
    keys: Keys, elsewhere: Settings, service: Service
) -> None:
    sealed = seal(keys.of("lead-ada"), "e1", "name", "Ada")
    other = Keys(elsewhere)
    assert unseal(other.of("lead-ada"), "name", sealed) == "Ada"
    assert other.derived("search") == keys.derived("search") != keys.derived("cursors")
    other.close()
    assert {"fingerprint", "wrap", "unwrap", "mac"} == set(service.asked)


def test_who_holds_a_key_asks_nobody(keys: Keys, service: Service) -> None:
    assert keys.reachable()
    assert keys.hears(10)
    key = keys.of("lead-ada")
    service.asked.clear()
    assert keys.of("lead-ada") == key == keys.by_id(key.key_id)
    assert service.asked == []


def test_a_service_that_hangs_is_not_ready_and_callers_do_not_queue_behind_it(
    keys: Keys, service: Service
) -> None:
    assert keys.reachable()
    assert keys.hears(10)
    held = keys.of("lead-ada")
    service.hangs.set()

    begun = time.monotonic()
    with pytest.raises(NotReady, match="does not answer"):
        keys.of("lead-new")
    for _ in range(50):
        with pytest.raises(NotReady, match="a moment ago"):
            keys.of("lead-other")
    assert time.monotonic() - begun < PATIENCE_S + PAUSE_S
    assert keys.of("lead-ada") == held

    service.hangs.clear()
    until = time.monotonic() + 10
    while not keys.reachable():
        assert time.monotonic() < until
        time.sleep(0.05)
    assert keys.of("lead-new").key_id


@pytest.mark.parametrize("status", [403, 429, 500])
def test_a_service_that_refuses_is_not_ready_and_no_key_is_left_half_made(
    keys: Keys, elsewhere: Settings, service: Service, status: int
) -> None:
    assert keys.reachable()
    service.refuses = status
    with pytest.raises(NotReady, match=f"refuses \\({status}\\)"):
        keys.of("lead-ada")
    service.refuses = None
    fresh = Keys(elsewhere)
    assert seal(fresh.of("lead-ada"), "e1", "name", "Ada").key_id == fresh.of("lead-ada").key_id
    fresh.close()


def test_a_new_version_at_the_service_opens_what_the_former_wrapped(
    keys: Keys, elsewhere: Settings, service: Service
) -> None:
    old = keys.of("lead-ada")
    service.rotate()
    fresh = Keys(elsewhere)
    new = fresh.of("lead-grace")
    assert fresh.of("lead-ada") == old
    assert keys.of("lead-grace") == new
    fresh.close()


def test_a_version_that_the_service_destroyed_refuses_to_start(
    keys: Keys, elsewhere: Settings, service: Service
) -> None:
    keys.of("lead-ada")
    service.versions[0] = bytes(32)
    fresh = Keys(elsewhere)
    with pytest.raises(Misconfigured, match="wrapped under master key"):
        fresh.reachable()
    fresh.close()


def test_another_key_of_the_service_is_refused_with_both_names(
    keys: Keys, elsewhere: Settings, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys.of("lead-ada")
    with served(Service(name="projects/1/keys/others")) as address:
        monkeypatch.setenv(ADDRESS, address)
        stranger = Keys(elsewhere)
        with pytest.raises(Misconfigured, match="keys/families, ours is projects/1/keys/others"):
            stranger.of("lead-ada")
        stranger.close()


def test_a_service_rotates_its_own_key(elsewhere: Settings) -> None:
    with pytest.raises(Misconfigured, match="rotates its own"):
        rotate(elsewhere)
