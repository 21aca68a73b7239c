"""A model over the golden set: every text asked once, many at a time, and what that cost by the recorded tokens."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from domain.asked import Asked
from domain.extraction import Extraction
from extractor.port import Model, request
from extractor.pricing import NANOS
from extractor.reading import Readers, Reading, worth_asking
from tests.extraction.golden import Golden

AT_ONCE = 20
"""Questions that are open together."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What the readings took; `failed` counts by why the rules read in the model's place."""

    texts: int
    asked: int
    tokens_in: int
    tokens_cached: int
    tokens_out: int
    dollars_per_1000: float
    failed: dict[str, int]


def read_by(model: Model, told: Iterable[Golden]) -> tuple[list[Extraction[str]], Bill]:
    """Each text as the service reads it: grounded, and by the rules where the model has no answer."""
    readings = asyncio.run(_all_read(model, list(told)))
    return [one.said for one in readings], _bill([one.asked for one in readings])


async def _all_read(model: Model, told: list[Golden]) -> list[Reading]:
    readers, slots = Readers(model), asyncio.Semaphore(AT_ONCE)

    async def read(one: Golden) -> Reading:
        asked = request(one.text, one.channel, one.direction)
        if not worth_asking(asked, one.outcome):
            return readers.by_rules(one.text, one.channel, one.direction)
        async with slots:
            return readers.concluded(asked, await model.ask(asked), model.terms)

    try:
        return list(await asyncio.gather(*map(read, told)))
    finally:
        await model.close()


def _bill(asked: list[Asked | None]) -> Bill:
    made = [one for one in asked if one is not None]
    failures = [one.failure.value for one in made if one.failure is not None]
    dollars = sum(one.cost_nanos for one in made) / NANOS
    return Bill(
        texts=len(asked),
        asked=len(made),
        tokens_in=sum(one.tokens_in for one in made),
        tokens_cached=sum(one.tokens_cached for one in made),
        tokens_out=sum(one.tokens_out for one in made),
        dollars_per_1000=1000 * dollars / len(asked),
        failed={name: failures.count(name) for name in sorted(set(failures))},
    )
