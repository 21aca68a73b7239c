"""The adapter to OpenAI and to any server that speaks its chat completions; imported only where it is chosen.

A question has one deadline for all its tries. What a try can mend is tried again after a pause with jitter, or after
the time that the provider names; what it cannot is told at once (E4). Nothing of a question or an answer is logged.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import SystemRandom

import httpx2
import msgspec
from openai import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    OpenAIError,
)
from pydantic import ValidationError

from domain.vocabulary import Failure
from extractor.answer_schema import Answer, schema_hash
from extractor.completion import Completion, Told, failure_of, pause_told, told
from extractor.port import Model, Reply, Request, Terms
from extractor.pricing import Usage
from extractor.prompt import conversation, prompt_hash
from extractor.provider import Posts, Provider

ADAPTER = "openai"

_QUIET = ("openai", "httpx2", "httpcore2", "aiohttp")
"""Libraries that tell of each request at a low level; what they tell is theirs to change."""
_AGAIN = frozenset(
    {Failure.UNREACHED, Failure.LATE, Failure.BUSY, Failure.ERROR, Failure.CUT, Failure.MALFORMED}
)
_jitter = SystemRandom()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one question is asked, in seconds; less than the runtime's deadline of 10 s.

    `first_pause` doubles with each try, of which a random part between half and all is waited. An answer that was
    cut off is asked for once more with twice the tokens.
    """

    seconds: float = 9.0
    try_seconds: float = 8.0
    tries: int = 4
    first_pause: float = 0.3
    tokens: int = 1_500


def openai_model(
    provider: Provider, patience: Patience | None = None, chance: Callable[[], float] = _jitter.random
) -> Model:
    """The model behind the port; `chance` gives numbers from 0 to 1."""
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    asking = _Asking(provider, patience or Patience(), chance)
    terms = Terms(provider.model, provider.price.version, provider.price.nanos, prompt_hash(), schema_hash())
    return Model(terms, asking.ask, asking.close)


@dataclass(slots=True)
class _Try:
    """What one question has come to: its tries, their tokens, and the most that the next answer may have."""

    began: float
    asked_at: datetime
    tokens: int
    attempts: int = 0
    used: Usage = Usage()  # noqa: RUF009 - frozen

    def reply(self, answer: Answer | None, failure: Failure | None, model: str) -> Reply:
        said = None if answer is None else answer.extraction(ADAPTER, model)
        latency = round((time.monotonic() - self.began) * 1000)
        return Reply(said, failure, self.attempts, latency, self.asked_at, self.used)


class _Asking:
    """The tries of each question."""

    def __init__(self, provider: Provider, patience: Patience, chance: Callable[[], float]) -> None:
        self._provider, self._patience, self._chance = provider, patience, chance
        self._posts = Posts(provider, patience.try_seconds)

    async def ask(self, request: Request) -> Reply:
        """All the tries of one question; never raises for what a provider does."""
        so_far = _Try(time.monotonic(), datetime.now(UTC), self._patience.tokens)
        words = conversation(request)
        while True:
            answer, failure, named_pause = await self._once(words, so_far)
            pause = self._pause(so_far, failure, named_pause)
            if failure is None or pause is None:
                return so_far.reply(answer, failure, self._provider.model)
            await asyncio.sleep(pause)

    async def close(self) -> None:
        """End its connections."""
        await self._posts.close()

    def _pause(self, so_far: _Try, failure: Failure | None, named: float | None) -> float | None:
        """Seconds before the next try, None where there is none: it mends nothing, or there is no time for it."""
        if failure not in _AGAIN or so_far.attempts >= self._patience.tries:
            return None
        if failure is Failure.CUT:
            if so_far.tokens > self._patience.tokens:
                return None
            so_far.tokens *= 2
        longest = self._patience.first_pause * 2 ** (so_far.attempts - 1)
        pause = max(named or 0.0, longest * (0.5 + self._chance() / 2))
        return pause if pause < self._left(so_far) else None

    def _left(self, so_far: _Try) -> float:
        return self._patience.seconds - (time.monotonic() - so_far.began)

    async def _once(self, words: str, so_far: _Try) -> tuple[Answer | None, Failure | None, float | None]:
        """One try: the answer, or why there is none and how long the provider wants to be left alone."""
        so_far.attempts += 1
        seconds = min(self._patience.try_seconds, self._left(so_far))
        try:
            async with asyncio.timeout(seconds):
                response = await self._posts.ask(words, so_far.tokens)
        except TimeoutError:
            return None, Failure.LATE, None
        except APIConnectionError as away:
            return None, _unanswered(away), None
        except APIStatusError as refused:
            code = refused.status_code
            return None, failure_of(code, refused.code, refused.type), pause_told(refused.response.headers)
        except OpenAIError:
            return None, Failure.ERROR, None
        return *_read(response.content, so_far), None


def _unanswered(away: APIConnectionError) -> Failure:
    """A connection that is refused comes as a time-out of its own kind."""
    connected = not isinstance(away.__cause__, httpx2.ConnectTimeout)
    return Failure.LATE if isinstance(away, APITimeoutError) and connected else Failure.UNREACHED


def _read(content: bytes, so_far: _Try) -> tuple[Answer | None, Failure | None]:
    """The answer in a response, its tokens counted whatever it says."""
    try:
        completion = msgspec.json.decode(content, type=Completion)
    except msgspec.DecodeError:
        return None, Failure.MALFORMED
    so_far.used += completion.used
    said: Told = told(completion)
    if said.failure is not None:
        return None, said.failure
    try:
        return Answer.model_validate_json(said.text), None
    except ValidationError:
        return None, Failure.MALFORMED
