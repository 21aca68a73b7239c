"""`academy explain` against the API as it is served, over a real connection."""

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from infra.cli.app import app as academy
from infra.local import status
from infra.local.layout import Layout, write_private
from projections.api import what_if_routes
from projections.api.app import ABOUT, ready
from projections.api.settings import ApiSettings
from projections.metadata import METADATA
from runtime.keys import Keys
from runtime.metrics import Metrics
from runtime.web import web_app
from tests import given
from tests.integration.projections.api.family import ACADEMY, LEAD, Family7
from tests.integration.projections.sink import Sink
from tests.unit.projections.api.client import SECRET

DEADLINE = 20.0


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout.at(tmp_path / "stack")
    made.make()
    write_private(made.token, SECRET)
    return made


@pytest.fixture
def served(
    layout: Layout, settings: ApiSettings, engine: Engine, keys: Keys, family: Family7
) -> Iterator[Family7]:
    """The status file names an address that serves; it listens before anybody asks."""
    routers = [what_if_routes.router(engine, keys, ACADEMY, lambda: given.later(days=3))]
    app = web_app(ABOUT, routers, settings.rules(), Metrics(), ready(engine))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, ws="none"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        status.write(layout, replace(status.fresh(layout), api=address))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield family
        server.should_exit = True
        thread.join(DEADLINE)
        assert not thread.is_alive()


def explain(layout: Layout, *options: str) -> Result:
    environment = {"ACADEMY_DATA_DIR": str(layout.data_dir), "COLUMNS": "160"}
    return CliRunner().invoke(academy, ["explain", *options], env=environment)


def test_it_prints_what_was_assumed_and_the_decision_beside_the_one_in_force(
    layout: Layout, served: Family7
) -> None:
    made = served.story.answers[-1].decision
    told = explain(layout, "--lead", LEAD, "--set", "status=declined", "--set", "attempts=3")

    assert told.exit_code == 0, told.output
    assert f"assumed    status declined, is {made.status}\n" in told.output
    assert "assumed    attempts 3, is 0\n" in told.output
    assert f"instead of {made.action}, decision {made.decision_id}, which stays in force\n" in told.output
    assert "override   declined: a rule that no learned value can change\n" in told.output
    assert "action     stop by no channel\n" in told.output
    assert "overridden by the rule declined" in told.output


def test_it_prints_the_brief_as_text_and_says_that_the_action_is_the_same(
    layout: Layout, served: Family7
) -> None:
    made = served.story.answers[-1].decision
    told = explain(layout, "--lead", LEAD)

    assert f"instead of {made.action}, the same action, decision" in told.output
    assert "tone: " in told.output
    assert "prepare: " in told.output
    assert ".timing" not in told.output


def test_as_json_it_is_the_api_s_answer(layout: Layout, served: Family7) -> None:
    told: dict[str, Any] = json.loads(
        explain(layout, "--lead", LEAD, "--set", "payment=owed", "--json").stdout
    )

    assert told["assumed"] == [{"name": "payment", "old": "paid", "new": "owed"}]
    assert told["current"]["decision_id"] == served.story.answers[-1].decision.decision_id


def test_it_writes_nothing(layout: Layout, served: Family7, sink: Sink) -> None:
    before = [sink.rows(table) for table in METADATA.sorted_tables]
    explain(layout, "--lead", LEAD, "--set", "status=trial")

    assert [sink.rows(table) for table in METADATA.sorted_tables] == before


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (("--lead", LEAD, "--set", "status"), 2, "must be NAME=VALUE"),
        (("--lead", LEAD, "--set", "status=new", "--set", "status=trial"), 2, "status is set twice"),
        (("--lead", LEAD, "--set", "mood=sunny"), 2, "these can: status, consent"),
        (("--lead", LEAD, "--set", "payment=late"), 2, "set.payment must be owed, paid"),
        (("--lead", "fam-unheard"), 1, "no such lead"),
    ],
)
def test_what_is_wrong_is_a_sentence(
    layout: Layout, options: tuple[str, ...], code: int, sentence: str
) -> None:
    told = explain(layout, *options)

    assert (told.exit_code, " ".join(told.stdout.split())) == (code, "")
    assert sentence in " ".join(told.stderr.replace("│", " ").split())


@pytest.mark.usefixtures("served")
def test_another_token_is_told_of_as_an_api_that_is_away(layout: Layout) -> None:
    layout.token.write_text("of-somebody-else")
    told = explain(layout, "--lead", LEAD)

    assert (told.exit_code, "the API answered 401" in told.stderr) == (1, True)


def test_an_api_that_does_not_listen_is_named(layout: Layout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
    status.write(layout, replace(status.fresh(layout), api=address))
    told = explain(layout, "--lead", LEAD)

    assert (told.exit_code, f"{address} does not answer" in told.stderr) == (1, True)


@pytest.mark.parametrize("begun", [False, True])
def test_without_an_api_it_says_how_to_start_one(layout: Layout, *, begun: bool) -> None:
    if begun:
        status.write(layout, status.fresh(layout))
    told = explain(layout, "--lead", LEAD)

    assert (told.exit_code, "start the local system with `make run`" in told.stderr) == (1, True)
