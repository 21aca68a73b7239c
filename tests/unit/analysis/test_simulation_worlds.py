"""A stranger's world: loaded from a file or a module, and refused in one sentence where it cannot be used."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click import unstyle
from typer.testing import CliRunner, Result

from analysis.simulation.built_in import BUILT_IN
from analysis.simulation.contenders import CONTENDERS
from analysis.simulation.experiment import METRICS
from analysis.simulation.loading import loaded
from analysis.simulation.run import play
from analysis.simulation.worlds import BadWorld, World
from infra.cli.app import app

PLAIN = """
from analysis.simulation.worlds import Family, Recorded, Said, World

class Plain(World):
    days = 20

    def family(self, number, luck):
        return Family("plain")

    def response(self, family, outreach, luck):
        return ANSWER

    def daily(self, family, seen, luck):
        return DAILY

    def operator(self, family, outreach, luck):
        return OPERATOR
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    def _write(
        text: str = PLAIN, *, answer: str = "()", daily: str = "()", operator: str = "'follow'"
    ) -> str:
        path = tmp_path / "stranger.py"
        text = text.replace("ANSWER", answer).replace("DAILY", daily).replace("OPERATOR", operator)
        path.write_text(text)
        loaded.cache_clear()
        return f"{path}:Plain"

    return _write


def simulate(*options: str) -> Result:
    return CliRunner().invoke(app, ["simulate", "--processes", "1", *options])


def sentence(done: Result) -> str:
    """What the box on stderr says, on one line."""
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", unstyle(done.stderr)).split())


def test_a_strangers_world_from_a_file_runs(write: Callable[..., str]) -> None:
    name = write(answer="(Said(after_hours=40, intent='scheduling'),)", daily="(Recorded('attended'),)")
    done = simulate("--world", name, "--seeds", "2", "--families", "4", "--json")
    rows = json.loads(done.stdout)["rows"]

    assert done.exit_code == 0
    assert [(row["world"], row["policy"]) for row in rows] == [(name, one.name) for one in CONTENDERS]
    assert all(row["means"].keys() == METRICS.keys() for row in rows)
    assert all(row["means"]["contacts"] > 0 for row in rows)
    assert rows[0]["differences"]["reward"] == {"mean": 0.0, "half": 0.0}


def test_a_world_of_a_module_runs() -> None:
    world = loaded("tests.unit.analysis.test_simulation:Recording")

    assert play(world, CONTENDERS[0], 1, 3).families == 3


def test_a_world_may_be_a_dataclass(write: Callable[..., str]) -> None:
    text = PLAIN.replace("class Plain", "@dataclass\nclass Plain").replace("days = 20", "days: int = 20")
    name = write(f"from __future__ import annotations\nfrom dataclasses import dataclass\n{text}")

    assert loaded(name).days == 20


def test_a_world_that_derives_from_nothing_may_have_all_the_methods_itself(write: Callable[..., str]) -> None:
    assert loaded(write(PLAIN.replace("(World)", ""))) is not None


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("narnia", "there is no world narnia: it must be one of suburb"),
        ("nowhere.py:Plain", "there is no file nowhere.py: name a Python file"),
        ("no.such.module:Plain", "the module no.such.module cannot be imported: ModuleNotFoundError"),
        ("analysis.simulation.worlds:Narnia", "analysis.simulation.worlds has no class Narnia: it has"),
        ("analysis.simulation.worlds:World", "lacks family and response: a world derives from"),
        ("analysis.simulation.town:Town", "cannot be made:"),
    ],
)
def test_a_name_that_leads_to_no_world_is_refused(name: str, says: str) -> None:
    with pytest.raises(BadWorld) as refused:
        loaded(name)

    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("def response", "def reply", "lacks response: a world derives from"),
        ("(World)", "(World", "cannot be read: SyntaxError"),
        ("days = 20", "days = 0", "has days=0: it must be a whole number, 1 or more"),
        ("days = 20", "days = 1.5", "has days=1.5: it must be a whole number"),
        ("days = 20", "def __init__(self, size): pass", "cannot be made:"),
        (":Plain", ":Plain", ""),
    ],
)
def test_a_file_that_has_no_world_is_refused(
    write: Callable[..., str], before: str, after: str, says: str
) -> None:
    name = write(PLAIN.replace(before, after))
    if not says:
        assert loaded(name).days == 20
        return
    with pytest.raises(BadWorld, match=re.escape(says)):
        loaded(name)


@pytest.mark.parametrize(
    ("part", "answer", "says"),
    [
        ("answer", "(Said(intent='keen'),)", "response answered intent=keen: it must be one of interested"),
        (
            "answer",
            "(Said(sentiment='glad'),)",
            "response answered sentiment=glad: it must be one of positive",
        ),
        ("answer", "(Said(concern='some'),)", "response answered concern=some: it must be one of none"),
        (
            "answer",
            "(Said(objections=('rain',)),)",
            "response answered objections=rain: it must be one of fin",
        ),
        (
            "answer",
            "(Said(addressed=('rain',)),)",
            "response answered addressed=rain: it must be one of finan",
        ),
        (
            "answer",
            "(Said(signals=('rain',)),)",
            "response answered signals=rain: it must be one of life_even",
        ),
        ("answer", "(Said(channel='fax'),)", "response answered channel=fax: it must be one of voice, sms"),
        ("answer", "(Said(after_hours=-1),)", "response answered after_hours=-1: it must be a number, 0"),
        (
            "answer",
            "(Said(after_hours=float('nan')),)",
            "response answered after_hours=nan: it must be a number",
        ),
        ("answer", "(Said(after_hours='soon'),)", "response answered after_hours=soon: it must be a number"),
        ("answer", "(Said(questions=1.5),)", "response answered questions=1.5: it must be a whole number, 0"),
        ("answer", "(Said(objections=5),)", "response answered objections=5: it must be a tuple of words"),
        ("answer", "(Said(signals='rain'),)", "response answered signals=rain: it must be a tuple of words"),
        ("answer", "('interested',)", "response answered str: it must be Said or Recorded"),
        ("answer", "'interested'", "response answered str: it must be a tuple of Said and Recorded"),
        ("answer", "None", "response answered NoneType: it must be a tuple of Said and Recorded"),
        (
            "answer",
            "(1 / 0,)",
            "response failed with ZeroDivisionError: division by zero (stranger.py, line 11",
        ),
        ("daily", "(Recorded('left'),)", "daily answered what=left: it must be one of enrolled, attended"),
        ("operator", "'shout'", "operator answered shout: it must be follow, reject, ignore or an action"),
        ("operator", "None", "operator answered None: it must be follow, reject, ignore or an action"),
    ],
)
def test_an_answer_outside_the_vocabulary_is_refused(
    write: Callable[..., str], part: str, answer: str, says: str
) -> None:
    world = loaded(write(**{part: answer}))

    with pytest.raises(BadWorld) as refused:
        play(world, CONTENDERS[0], 1, 3)
    assert f"Plain.{says}" in str(refused.value)


@pytest.mark.parametrize(
    ("family", "says"),
    [
        ("Family('late', 20)", "family answered day=20: a run has 20 days, counted from 0"),
        ("Family('when', None)", "family answered day=None: it must be a number, 0 or more"),
        ("Family('early', -1)", "family answered day=-1: it must be a number, 0 or more"),
        ("'plain'", "family answered str: it must be a Family"),
    ],
)
def test_a_family_outside_the_run_is_refused(write: Callable[..., str], family: str, says: str) -> None:
    world = loaded(write(PLAIN.replace("Family('plain')", family).replace('Family("plain")', family)))

    with pytest.raises(BadWorld, match=re.escape(says)):
        play(world, CONTENDERS[0], 1, 3)


def test_the_command_refuses_a_bad_world_in_one_sentence(write: Callable[..., str]) -> None:
    bad = simulate("--world", write(answer="(Said(intent='keen'),)"), "--seeds", "1", "--families", "2")
    unknown = simulate("--world", "narnia")
    page = simulate("--page", "docs/simulation.md", "--world", "mixed")

    assert {bad.exit_code, unknown.exit_code, page.exit_code} == {2}
    assert "Plain.response answered intent=keen: it must be one of interested" in sentence(bad)
    assert "there is no world narnia" in sentence(unknown)
    assert "the page is about the built-in worlds" in sentence(page)
    assert (bad.stdout, "Traceback" in bad.stderr) == ("", False)


def test_a_bad_world_is_refused_from_another_process_alike(write: Callable[..., str]) -> None:
    name = write(answer="(1 / 0,)")
    done = CliRunner().invoke(
        app, ["simulate", "--processes", "2", "--world", name, "--seeds", "1", "--families", "2"]
    )

    assert done.exit_code == 2
    assert "ZeroDivisionError" in sentence(done)


def test_each_built_in_world_is_a_world() -> None:
    worlds: list[World] = [loaded(name) for name in BUILT_IN]

    assert [world.days for world in worlds] == [90] * len(worlds)
