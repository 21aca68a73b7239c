"""One JSON object a line, and of an error its class and place, never its message."""

import json
import logging
from typing import Any

import pytest
import structlog

from runtime import logs
from tests.unit.runtime.process import as_it_was

SECRET = "Ada Example, +1 312 555 0142"


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def fail() -> None:
    raise ValueError(SECRET)


def test_an_event_is_its_name_and_keys(capsys: pytest.CaptureFixture[str]) -> None:
    with as_it_was():
        logs.configure("info")
        structlog.get_logger().info("tick_left_out", why="away")
        structlog.get_logger().debug("unheard")
    (line,) = lines(capsys)
    assert line.pop("time").endswith("Z")
    assert line == {"event": "tick_left_out", "why": "away", "level": "info"}


def test_a_library_speaks_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    with as_it_was():
        logs.configure()
        logging.getLogger("uvicorn.error").warning("started on %s", 8001)
    (line,) = lines(capsys)
    assert (line["event"], line["logger"], line["level"]) == ("started on 8001", "uvicorn.error", "warning")


@pytest.mark.parametrize("name", ["ours", "a library's"])
def test_an_error_shows_class_and_place_and_no_message(capsys: pytest.CaptureFixture[str], name: str) -> None:
    with as_it_was():
        logs.configure()
        try:
            fail()
        except ValueError:
            if name == "ours":
                structlog.get_logger().exception("broken")
            else:
                logging.getLogger("uvicorn.error").exception("broken")
    out = capsys.readouterr().err
    assert "Ada" not in out
    line = json.loads(out)
    assert line["error"] == "ValueError"
    assert line["places"][-1].endswith(" fail")
    assert "test_logs.py:" in line["places"][-1]
