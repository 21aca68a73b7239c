"""The services that the command line knows are those that run locally and in containers."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.cli.app import ServiceName, _main_of
from infra.cli.local import services
from infra.local.services import Service

COMPOSED: dict[str, Any] = yaml.safe_load((Path(__file__).parents[3] / "compose.yaml").read_text("utf-8"))[
    "services"
]
SERVERS = {"kafka", "postgres", "setup"}
TOGETHER = {"ingest", "api"}
"""What `web` is: one address on a developer's machine, two services elsewhere."""
OPENING = {"ingest", "inbox", "extractor", "api"}
"""Services that seal or open words, so need keys."""
LOCAL = {spec.name: spec for spec in services(Path("master.key"))}


@pytest.mark.parametrize("name", list(ServiceName))
def test_each_has_its_main(name: ServiceName) -> None:
    assert callable(_main_of(name))


def test_locally_all_of_them_run() -> None:
    listed = {row for spec in LOCAL.values() for row in spec.listed_as}

    assert listed == {*ServiceName} - {"web"}
    assert {*LOCAL["web"].listed_as} == TOGETHER


def test_in_containers_each_runs_by_its_name() -> None:
    commands = {name: one["command"] for name, one in COMPOSED.items() if name not in SERVERS}

    assert commands == {name: ["service", name] for name in {*ServiceName} - {"web"}}


SECRETS = {
    "ACADEMY_MASTER_KEY": "00" * 64,
    "ACADEMY_MASTER_KEY_FILE": "/somewhere/master.key",
    "ACADEMY_POSTGRES": "postgresql://academy:secret@127.0.0.1/academy",
    "ACADEMY_TOKENS": "crm:a-secret-of-the-tests:ingest",
    "OPENAI_API_KEY": "sk-1",
}


@pytest.mark.parametrize("name", sorted(LOCAL))
def test_a_process_holds_only_the_keys_that_its_role_needs(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for secret, text in SECRETS.items():
        monkeypatch.setenv(secret, text)
    child = Service(LOCAL[name], 0).child({"ACADEMY_POSTGRES": SECRETS["ACADEMY_POSTGRES"]})
    held = SECRETS.keys() & child.environment.keys()
    opens = set(SECRETS) - {"OPENAI_API_KEY"}
    wanted = {"extractor": set(SECRETS), "decider": set[str](), "learner": set[str]()}.get(name, opens)
    assert held == wanted


@pytest.mark.parametrize("name", ["decider", "learner"])
def test_who_decides_or_learns_cannot_even_load_what_opens_words(name: str) -> None:
    told = f"import {name}.service, sys; print(sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout
    assert not [module for module in ("runtime.keys", "runtime.master", "openai") if f"'{module}'" in loaded]


def test_only_those_that_seal_or_open_are_given_the_master_key() -> None:
    composed = {name for name, one in COMPOSED.items() if one.get("secrets")}
    named = {
        name for name, one in COMPOSED.items() if "ACADEMY_MASTER_KEY_FILE" in one.get("environment", {})
    }
    local = {row for spec in LOCAL.values() for row in spec.listed_as if spec.env}

    assert composed == named == local == OPENING
