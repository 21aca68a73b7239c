"""The services that the command line knows are those that run locally and in containers."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.cli.app import ServiceName, _main_of
from infra.cli.local import services

COMPOSED: dict[str, Any] = yaml.safe_load((Path(__file__).parents[3] / "compose.yaml").read_text("utf-8"))[
    "services"
]
SERVERS = {"kafka", "postgres", "setup"}
TOGETHER = {"ingest", "api"}
"""What `web` is: one address on a developer's machine, two services elsewhere."""
OPENING = {"ingest", "inbox", "extractor", "projections", "api"}
"""Services that seal or open words, so need keys; projections, to hash names for the search."""
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


def test_only_those_that_seal_or_open_are_given_the_master_key() -> None:
    composed = {name for name, one in COMPOSED.items() if one.get("secrets")}
    named = {
        name for name, one in COMPOSED.items() if "ACADEMY_MASTER_KEY_FILE" in one.get("environment", {})
    }
    local = {row for spec in LOCAL.values() for row in spec.listed_as if spec.env}

    assert composed == named == local == OPENING
