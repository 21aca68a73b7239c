"""The committed list of Kafka's jars, and the check against it."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local import jars
from infra.local.errors import JarMismatchError
from infra.local.jars import Jar
from infra.local.layout import Layout
from tests.bench.peers import environments

ONE = Jar("org/example/one/1.0/one-1.0.jar", hashlib.sha256(b"good").hexdigest())


@pytest.fixture
def listed_one(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    (tmp_path / "jars.sha256").write_text(f"{ONE.sha256}  {ONE.path}\n")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return layout


def serve(content: bytes, staging: Path) -> Callable[[object, Jar], Path]:
    def fetch(_context: object, jar: Jar) -> Path:
        path = staging / Path(jar.path).name
        path.write_bytes(content)
        return path

    return fetch


@pytest.mark.parametrize(
    ("listing", "endpoints"),
    [(jars.LIST, jars.ENDPOINTS), (environments.LISTED, environments.ENDPOINTS)],
    ids=["broker", "peers"],
)
def test_the_list_names_each_endpoint_and_one_kafka_only(listing: Path, endpoints: tuple[str, ...]) -> None:
    coordinates = [jar.coordinates for jar in jars.listed(listing.read_text())]
    assert {":".join(found) for found in coordinates} >= set(endpoints)
    kafka = {version for group, _, version in coordinates if group == "org.apache.kafka"}
    assert kafka == {jars.KAFKA_VERSION}


def test_a_jar_is_fetched_once(listed_one: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(jars, "_fetch", serve(b"good", tmp_path))
    [path] = jars.ensure(listed_one, said.append, tmp_path / "jars.sha256")
    assert path.read_bytes() == b"good"
    assert jars.ensure(listed_one, said.append, tmp_path / "jars.sha256") == [path]
    assert len(said) == 1


def test_another_jar_than_the_listed_one_is_refused_and_not_kept(
    listed_one: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jars, "_fetch", serve(b"evil", tmp_path))
    with pytest.raises(JarMismatchError, match=r"one-1\.0\.jar has SHA-256 .* is listed in .*jars\.sha256"):
        jars.ensure(listed_one, lambda _: None, tmp_path / "jars.sha256")
    assert not list(listed_one.jars.rglob("*.jar"))


def test_a_spoilt_jar_in_the_cache_is_fetched_again(
    listed_one: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoilt = listed_one.jars / ONE.path
    spoilt.parent.mkdir(parents=True)
    spoilt.write_bytes(b"goo")
    monkeypatch.setattr(jars, "_fetch", serve(b"good", tmp_path))
    [path] = jars.ensure(listed_one, lambda _: None, tmp_path / "jars.sha256")
    assert path.read_bytes() == b"good"
