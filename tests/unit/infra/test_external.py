"""Brokers and databases that somebody else runs."""

import pytest

from infra.local.errors import UnreachableError
from infra.local.external import External, await_answer, without_password


@pytest.mark.parametrize(
    ("dsn", "shown"),
    [
        ("postgresql://a:s3cret@db:5433/x", "postgresql://a@db:5433/x"),
        ("host=db user=a password=s3cret dbname=x sslmode=require", "postgresql://a@db/x?sslmode=require"),
        ("postgresql://db/x?user=a&password=s3cret", "postgresql://a@db/x"),
    ],
)
def test_a_dsn_is_shown_without_its_password(dsn: str, shown: str) -> None:
    assert without_password(dsn) == shown


def test_one_that_never_answers_is_refused_after_the_deadline() -> None:
    away = External("Kafka", "far:9092", "ACADEMY_KAFKA", lambda: "it does not listen")
    with pytest.raises(
        UnreachableError, match=r"Kafka at far:9092 did not answer .* leave ACADEMY_KAFKA out"
    ):
        await_answer(away, 0.0, lambda _: None)


def test_one_that_answers_later_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.local.external.EVERY", 0.0)
    said: list[str] = []
    answers = iter(["it does not listen", "it does not listen", None])
    await_answer(External("Kafka", "far:9092", "ACADEMY_KAFKA", lambda: next(answers)), 60.0, said.append)
    assert said == ["Kafka at far:9092 is away (it does not listen); trying for 60 s"] * 2
