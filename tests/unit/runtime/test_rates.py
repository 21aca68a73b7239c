"""How often a token, or an address without one, may ask; each test has windows that no test outlives."""

import pytest

from runtime.errors import Misconfigured
from runtime.problems import Problem
from runtime.rates import Limiter, Rates

HERE = ("10.0.0.7", 50_000)


def refused(limiter: Limiter, name: str = "desk", method: str = "GET") -> Problem:
    with pytest.raises(Problem) as problem:
        limiter.called(name, method)
    return problem.value


def test_a_token_may_ask_so_often_and_is_told_what_is_left() -> None:
    limiter = Limiter(Rates(reads="2/day", writes="1/day"))

    told = limiter.called("desk", "GET")
    assert told["RateLimit-Policy"] == '"read";q=2;w=86400'
    assert told["RateLimit"].startswith('"read";r=1;t=')
    assert limiter.called("desk", "HEAD")["RateLimit"].startswith('"read";r=0;t=')

    problem = refused(limiter)
    assert problem.status_code == 429
    assert "2 per 1 day" in problem.detail
    headers = problem.headers or {}
    assert 0 < int(headers["Retry-After"]) <= 86_400
    assert headers["RateLimit"].endswith(f"t={headers['Retry-After']}")


def test_reads_writes_and_callers_are_counted_apart() -> None:
    limiter = Limiter(Rates(reads="1/day", writes="1/day"))

    limiter.called("desk", "GET")
    limiter.called("desk", "POST")
    limiter.called("crm", "GET")
    assert refused(limiter, method="PATCH").status_code == 429
    assert refused(limiter, "crm", "OPTIONS").status_code == 429


def test_strangers_are_counted_by_address_whatever_their_port() -> None:
    limiter = Limiter(Rates(strangers="1/day"))

    limiter.came(HERE)
    limiter.came(("10.0.0.8", 50_000))
    limiter.came(None)
    with pytest.raises(Problem):
        limiter.came(("10.0.0.7", 50_001))


def test_a_new_while_begins_when_the_last_is_over_and_nobody_is_remembered_for_ever() -> None:
    now = [1000.0]
    limiter = Limiter(Rates(reads="1/minute", strangers="1/minute"), lambda: now[0])
    limiter.called("desk", "GET")
    assert (refused(limiter).headers or {})["Retry-After"] == "60"
    for number in range(100):
        limiter.came((f"10.0.0.{number}", 1))

    now[0] += 59
    assert (refused(limiter).headers or {})["Retry-After"] == "1"
    now[0] += 2
    limiter.called("desk", "GET")
    assert limiter._windows.reset() == 1


def test_an_empty_rate_is_no_limit() -> None:
    limiter = Limiter(Rates("", "", ""))

    assert all(limiter.called("desk", "GET") == {} for _ in range(1000))
    assert limiter.came(HERE) == {}


@pytest.mark.parametrize("rate", ["many", "10", "-1/minute", "1/fortnight", "1.5/second"])
def test_a_malformed_rate_refuses_the_start(rate: str) -> None:
    with pytest.raises(Misconfigured, match=r"ACADEMY_WRITE_RATE .* such as 600/minute"):
        Limiter(Rates(writes=rate))
