"""Waiting for services to have nothing left to do, with their word as the only clock that counts."""

from collections.abc import Iterator
from itertools import chain, repeat

from infra.local.lags import settle


def test_it_waits_through_lag_and_silence_until_all_are_at_rest() -> None:
    said: Iterator[list[object]] = chain([[3, 0], [0, None], [0, 1]], repeat([0, 0]))
    heard: list[list[object]] = []

    def lags() -> list[object]:
        heard.append(next(said))
        return heard[-1]

    assert settle(lags, seconds=20)
    assert [3, 0] in heard
    assert heard[-1] == [0, 0]


def test_it_gives_up_on_a_service_that_stays_behind() -> None:
    assert not settle(lambda: [0, 5], seconds=0.6)
