"""SQL, odd bytes and absurd sizes in every parameter that the API's document names: 422 or a sentence, never 500."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from runtime.tokens import Scope
from tests.docs import routes
from tests.unit.runtime.asgi import Client, client_of

HOSTILE = (
    "' OR '1'='1",
    "1; DROP TABLE leads; --",
    "x' UNION SELECT wrapped FROM keys --",
    '"; SELECT pg_sleep(10); --',
    "%27%20OR%201=1",
    "$1",
    "{{7*7}}",
    "../../etc/passwd",
    "\x00",
    "fam\r\nX-Evil: 1",
    "\ud7ff\U0010ffff",
    "9" * 400,
    "-1",
    "NaN",
    "[]",
    "true",
    "",
)
SECRET = {"Authorization": f"Bearer the-secret-of-{Scope.READ}"}
ANALYST = {"Authorization": f"Bearer the-secret-of-{Scope.ANALYSE}"}
ANALYSED = ("/api/exports", "/api/outcomes", "/api/costs")


@pytest.fixture(scope="module")
def web() -> Iterator[Client]:
    with client_of(routes.app(), headers=SECRET) as client:
        yield client


def reads() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every GET of the API and each of its parameters."""
    for path, methods in routes.app().openapi()["paths"].items():
        for parameter in methods.get("get", {}).get("parameters", ()):
            yield path, parameter


def asked(path: str, parameter: dict[str, Any], value: str) -> tuple[str, dict[str, Any]]:
    """The path and the rest of a request with this value in the parameter's place."""
    name, place = parameter["name"], parameter["in"]
    filled = path.replace(f"{{{name}}}", quote(value, safe="") or "%20") if place == "path" else path
    filled = filled.replace("{lead_id}", "fam-1").replace("{event_id}", "e-1").replace("{decision_id}", "d-1")
    filled = filled.replace("{id}", "1").replace("{subject}", "leads-lead").replace("{version}", "1")
    match place:
        case "query":
            return f"{filled}?{name}={quote(value)}", {}
        case "header":
            return filled, {"headers": [(name, value.encode("utf-8", "replace"))]}
    return filled, {}


CASES = [pytest.param(path, one, id=f"{path} {one['name']}") for path, one in reads()]


@pytest.mark.parametrize(("path", "parameter"), CASES)
def test_a_hostile_parameter_is_refused_or_looked_up_as_what_it_is(
    web: Client, path: str, parameter: dict[str, Any]
) -> None:
    """There is no database here, so what passes the checks meets 503; 404 and 200 are the registry's."""
    for value in HOSTILE:
        place, more = asked(path, parameter, value)
        caller = ANALYST if path.startswith(ANALYSED) else SECRET
        answer = web.get(place, headers=[*caller.items(), *more.get("headers", ())])
        assert answer.status_code in (200, 404, 422, 503), (value, answer.text)
        assert "x-evil" not in answer.headers
        assert "DROP TABLE" not in answer.text or path.startswith(("/subjects", "/config", "/mode"))


@pytest.mark.parametrize(
    "target",
    [
        "/api/leads/%ff",
        "/api/leads?action=%ff",
        "/api/leads?limit=%00",
        "/api/leads/%2e%2e%2fkeys",
        "/api/leads?%00",
    ],
)
def test_bytes_that_are_no_text_are_refused(web: Client, target: str) -> None:
    assert web.get(target).status_code in (404, 422, 503)


def test_every_read_was_tried() -> None:
    tried = {case.values[0] for case in CASES}

    assert {
        "/api/leads",
        "/api/leads/{lead_id}",
        "/api/learning/transitions",
        "/subjects/{subject}/versions",
    } <= tried
    assert len(CASES) > 30
