"""The wheel is whole: built from the checkout, unpacked elsewhere, it carries every file and works."""

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONFIGURATION = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text("utf-8"))
PACKAGES = tuple(
    pattern.removesuffix("*")
    for pattern in CONFIGURATION["tool"]["setuptools"]["packages"]["find"]["include"]
)

NEEDED = {
    "domain/actions.toml",
    "extractor/signals.toml",
    "infra/demo/families/01_from_call_to_court.toml",
    "infra/local/jars.sha256",
    "infra/local/log4j2.properties",
    "projections/api/examples.json",
    "projections/migrations/script.py.mako",
    "projections/migrations/versions/0001_tables_of_the_first_release.py",
    "runtime/pages.css",
    "schemas/avro/decisions.decision.v1.avsc",
    "schemas/examples/decisions.decision.v1.json",
    "schemas/registry.json",
}
"""One of each kind, so that a rule that finds nothing is noticed."""

PROBE = """
import json, sys
from importlib import import_module
from importlib.resources import files
from pathlib import Path

folder = Path(sys.argv[1])
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    if folder.joinpath(name).is_dir():
        assert Path(import_module(name).__file__).is_relative_to(folder), name

import msgspec
from schemas.codec import decode, encode
from schemas.registry import schemas
import domain.opt_out, extractor.offline_model, infra.cli.app, infra.local.jars

for schema in schemas().values():
    name = f"{schema.topic}.{schema.event}.v{schema.version}.json"
    example = msgspec.json.decode(files("schemas").joinpath("examples", name).read_bytes(), type=schema.type)
    assert decode(schema.topic, encode(schema.topic, example)) == example, name
print(len(schemas()), "examples")
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout, since a build leaves folders beside what it builds."""
    ignored = [line.rstrip("/") for line in ROOT.joinpath(".gitignore").read_text("utf-8").splitlines()]
    copy = tmp_path_factory.mktemp("wheel") / "source"
    return Path(shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", *ignored)))


@pytest.fixture(scope="module")
def wheel(source: Path) -> zipfile.ZipFile:
    command = ("-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir")
    settings = {**os.environ, "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    built = subprocess.run(
        [sys.executable, *command, str(source.parent), str(source)],
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (found,) = source.parent.glob("*.whl")
    return zipfile.ZipFile(found)


def test_it_holds_every_file_of_every_package_and_nothing_else(source: Path, wheel: zipfile.ZipFile) -> None:
    inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
    ours = {
        path.relative_to(source).as_posix()
        for package in PACKAGES
        for path in source.joinpath(package).rglob("*")
        if path.is_file()
    }

    assert inside >= NEEDED
    assert "tests" not in {name.split("/")[0] for name in inside}
    assert inside == ours


def test_its_metadata_name_the_command_the_licence_and_the_python(wheel: zipfile.ZipFile) -> None:
    (folder,) = {name.split("/")[0] for name in wheel.namelist() if ".dist-info/" in name}
    said = message_from_string(wheel.read(f"{folder}/METADATA").decode())

    assert said["Requires-Python"] == ">=3.11"
    assert said["License-Expression"] == "Apache-2.0"
    assert f"{folder}/licenses/LICENSE" in wheel.namelist()
    assert len(str(said.get_payload())) > 200, "the first page of the README is missing"
    assert "academy = infra.cli.app:main" in wheel.read(f"{folder}/entry_points.txt").decode()


def test_unpacked_into_an_empty_folder_it_works(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path / "unpacked")

    ran = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", PROBE, str(tmp_path / "unpacked"), *PACKAGES],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.endswith(" examples\n")
