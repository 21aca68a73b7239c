"""Kafka's jars, fetched by coordinate with jgo, each checked against the committed list `jars.sha256`.

The list names every jar, so a user's machine resolves nothing; `python -m infra.local.jars` prints a new one.
"""

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock
from jgo.config import GlobalSettings
from jgo.maven import MavenContext
from jgo.parse import Coordinate
from requests import RequestException

from infra.local.errors import JarMismatchError, JarUnavailableError
from infra.local.layout import Layout

KAFKA_VERSION = "4.3.1"
# kafka-clients by name: jgo picks 3.9.1 from a transitive range otherwise, and the broker dies.
# log4j-slf4j-impl, not log4j-slf4j2-impl: Kafka 4.3 logs through slf4j 1.7.
ENDPOINTS = (
    f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}",
    f"org.apache.kafka:kafka-clients:{KAFKA_VERSION}",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.3",
)
LIST = Path(__file__).with_name("jars.sha256")
# A public repository serves a few files at once gladly; more gain nothing at 44 MB in all.
AT_ONCE = 4
# A dropped connection is common on a first run; a third failure is the network's or the repository's.
ATTEMPTS = 3

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the list: a path in Maven's layout and its SHA-256."""

    path: str
    sha256: str

    @property
    def coordinates(self) -> tuple[str, str, str]:
        """Group, artifact and version, which the path spells."""
        *group, artifact, version, _ = self.path.split("/")
        return ".".join(group), artifact, version


def listed(text: str) -> list[Jar]:
    """Read a list in the format of `sha256sum`."""
    return [Jar(path, digest) for digest, path in (line.split() for line in text.splitlines())]


def ensure(layout: Layout, say: Say, listing: Path = LIST) -> list[Path]:
    """Class path of what a list names, else of the broker; fetches what the user's cache lacks and checks it all."""
    jars = listed(listing.read_text())
    layout.jars.mkdir(mode=0o700, parents=True, exist_ok=True)
    with FileLock(layout.jars / "lock"):
        missing = [jar for jar in jars if not _is_good(layout.jars / jar.path, jar)]
        if missing:
            _fetch_all(missing, layout.jars, say, listing)
    return [layout.jars / jar.path for jar in jars]


def check(path: Path, jar: Jar, listing: Path) -> None:
    """Raise `JarMismatchError` and remove the file unless it is the listed one."""
    found = _sha256(path)
    if found != jar.sha256:
        path.unlink()
        raise JarMismatchError(jar=path.name, found=found, expected=jar.sha256, listing=listing)


def relist(endpoints: Sequence[str] = ENDPOINTS) -> str:
    """Resolve coordinates anew and give the text of a list such as `jars.sha256`."""
    with tempfile.TemporaryDirectory() as folder:
        context = _context(Path(folder))
        asked = [replace(Coordinate.parse(endpoint), scope="compile") for endpoint in endpoints]
        inputs, transitive = context.resolver.resolve([context.create_dependency(one) for one in asked])
        needed = [*inputs, *(found for found in transitive if found.scope in {"compile", "runtime"})]
        paths = sorted(dependency.artifact.resolve() for dependency in needed)
        return "".join(f"{_sha256(path)}  {path.relative_to(folder)}\n" for path in paths)


def _fetch_all(jars: list[Jar], cache: Path, say: Say, listing: Path) -> None:
    # jgo writes in place: a jar enters the cache only when it is whole and checked.
    with tempfile.TemporaryDirectory(dir=cache, prefix="fetch-") as staging, _pool() as pool:
        context = _context(Path(staging))
        fetched = pool.map(lambda jar: _fetch(context, jar), jars)
        for count, (jar, path) in enumerate(zip(jars, fetched, strict=True), start=1):
            check(path, jar, listing)
            target = cache / jar.path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, target)
            say(f"fetching Kafka {KAFKA_VERSION}: {count} of {len(jars)} jars")


def _fetch(context: MavenContext, jar: Jar) -> Path:
    group, artifact, version = jar.coordinates
    wanted = context.project(group, artifact).at_version(version).artifact()
    reason = ""
    for _ in range(ATTEMPTS):
        try:
            path: Path = wanted.resolve()
        except (RequestException, RuntimeError) as error:  # jgo says "not found" by RuntimeError
            _drop(wanted.cached_path)
            reason = str(error)
        else:
            return path
    raise JarUnavailableError(jar=Path(jar.path).name, reason=reason)


def _drop(partial: Path | None) -> None:
    if partial is not None:
        partial.unlink(missing_ok=True)


def _context(cache: Path) -> MavenContext:
    repositories = GlobalSettings.load().repositories  # a mirror that the user configured for jgo
    return MavenContext(repo_cache=cache, remote_repos=repositories or None)


@contextmanager
def _pool() -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="jars")
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _is_good(path: Path, jar: Jar) -> bool:
    return path.exists() and _sha256(path) == jar.sha256


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    sys.stdout.write(relist())
