"""The extractor as a process that asks a model about each call before it says what it heard.

`python -m tests.faults.asking` runs it; the environment names the model's address. Its outputs are the extractor's
own, so that every invariant holds for them; the model only makes them wait.
"""

import asyncio
import os
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import httpx

from domain.events import InteractionRecorded
from extractor.service import build
from runtime.keys import answering
from runtime.service import run
from runtime.settings import Settings
from runtime.transform import Asking, Output, Question, Record, Transform

MODEL = "ACADEMY_TEST_MODEL"
AGAIN_SECONDS = 0.2


class Model:
    """Asks by HTTP; what is refused or fails is asked again until the runtime's deadline ends it."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._client: httpx.AsyncClient | None = None

    async def ask(self, lead_id: str) -> str:
        if self._client is None:
            limits = httpx.Limits(max_connections=None)
            self._client = httpx.AsyncClient(timeout=None, limits=limits)  # noqa: S113 - the runtime bounds it
        while True:
            try:
                answer = await self._client.post(self._address, content=lead_id)
            except httpx.TransportError:
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            if answer.status_code == httpx.codes.OK:
                return answer.text
            await asyncio.sleep(AGAIN_SECONDS)


def asking(plain: Transform[Any], model: Model) -> Transform[Any]:
    """The same transform, whose calls wait for the model's reply."""

    def handle(state: Any, record: Any) -> tuple[Any, Iterable[Output | Question]]:
        after, outputs = plain.handle(state, record)
        if not isinstance(record, Record) or not isinstance(record.value, InteractionRecorded):
            return after, outputs
        known = [output for output in outputs if isinstance(output, Output)]
        return after, (Question(record.key, lambda _reply: known),)

    return replace(plain, handle=handle, asking=Asking(model.ask))


if __name__ == "__main__":
    settings = Settings()
    run(lambda _metrics: asking(build(answering(settings)), Model(os.environ[MODEL])), settings)
