"""E7: rules and a model are scored over the same texts, half by half."""

from collections.abc import Iterator

import pytest

from domain.vocabulary import Failure
from extractor.port import Model, Reply
from tests.extraction import score, tables
from tests.extraction.golden import HALVES, golden
from tests.extraction.model import read_by
from tests.unit.extractor.models import model, reply


def failing(*, every: int) -> Model:
    """A model that has no answer to each question of that number."""
    said = model()
    numbers: Iterator[int] = iter(range(1, 10_000))

    async def ask(request: object) -> Reply:
        return Reply(None, Failure.REFUSED) if next(numbers) % every == 0 else reply()

    return Model(said.terms, ask, said.close)


def test_e7_a_model_that_always_says_the_same_is_scored_over_both_halves() -> None:
    result = score.by_model(model())

    assert [one.interactions for one in result.halves] == [len(golden(half)) for half in HALVES]
    intent = result.told["open"]["accuracy"]["intent"]
    assert 0 < intent < 0.5
    assert "dollars for 1,000 interactions" in result.cost


def test_e7_what_the_model_will_not_read_is_read_by_the_rules_and_counted() -> None:
    texts = golden("open")
    said, bill = read_by(failing(every=4), texts)

    assert len(said) == bill.texts == len(texts)
    assert bill.failed["refused"] == bill.asked // 4 > 5
    assert bill.tokens_in == 2000 * (bill.asked - bill.failed["refused"])
    assert "refused" in tables.bill(bill)


def test_a_name_that_is_none_says_which_there_are() -> None:
    with pytest.raises(SystemExit, match="it is one of offline, openai"):
        score.main(["ofline"])


def test_without_a_key_a_model_says_how_to_set_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "")
    with pytest.raises(SystemExit, match="OPENAI_API_KEY is not set"):
        score.main(["openai"])
