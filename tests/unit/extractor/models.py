"""A model in memory: it answers as it is told, and remembers what it was asked."""

from typing import Any

from domain.extraction import Extraction
from extractor.answer_schema import Answer
from extractor.port import Model, Reply, Request, Terms
from extractor.pricing import Price, Usage
from tests import given
from tests.provider.says import answer

USED = Usage(input=2000, cached=1500, output=300)
PRICE = Price("list-1", input=1.0, cached=0.1, written=1.0, output=4.0)
TERMS = Terms("a-model", "list-1", PRICE.nanos, "prompt-hash", "schema-hash")


def read(**changes: Any) -> Extraction[str]:
    """An answer with these fields."""
    return Answer.model_validate(answer(**changes)).extraction("openai", "a-model")


def reply(**changes: Any) -> Reply:
    """An answer with these fields, and what it took."""
    return Reply(read(**changes), None, attempts=1, latency_ms=320, asked_at=given.NOON, used=USED)


def model(*replies: Reply, asked: list[Request] | None = None) -> Model:
    """Answers with these replies, one after another, then always with an empty answer."""
    left = list(replies)

    async def ask(request: Request) -> Reply:
        if asked is not None:
            asked.append(request)
        return left.pop(0) if left else reply()

    async def close() -> None:
        """Nothing is open."""

    return Model(TERMS, ask, close)
