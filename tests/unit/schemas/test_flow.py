"""`make flow` shows every topic of the catalogue with its writers, readers and key."""

import runpy
from importlib.resources import files

import pytest

from schemas.flow import flow
from schemas.topic import Topic
from schemas.topics import TOPICS


def test_each_topic_has_its_line_in_the_catalogues_order() -> None:
    heading, *lines = flow(TOPICS.values()).splitlines()

    assert heading.split() == ["topic", "written", "by", "->", "read", "by", "key"]
    assert [line.split()[0] for line in lines] == list(TOPICS)


def test_a_line_names_writers_then_readers_then_the_key() -> None:
    topic = Topic("calls", "About.", "lead id", "leads", ("ingest", "desk"), ("extractor",), {})

    assert flow([topic]).splitlines()[1] == "calls  ingest, desk -> extractor  lead id"


def test_the_module_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(files("schemas").joinpath("flow.py")), run_name="__main__")

    assert capsys.readouterr().out == flow(TOPICS.values())
