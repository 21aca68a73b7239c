"""Where a model is asked: the provider's own client, and what is alike in all questions, made once."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx2
import msgspec
from openai import AsyncOpenAI, DefaultAioHttpClient

from extractor.answer_schema import answer_schema
from extractor.pricing import Price
from extractor.prompt import instructions, prompt_hash

_PATH = "/chat/completions"


@dataclass(frozen=True, slots=True)
class Provider:
    """Where to ask, and for what; `effort` wins over the price list's."""

    key: str
    base_url: str
    model: str
    price: Price
    effort: str | None = None


class Posts:
    """Posts questions to one provider, all on one loop; to make it takes a twentieth of a second."""

    def __init__(self, provider: Provider, seconds: float) -> None:
        self._alike = _alike(provider)
        self._client = _Client(
            api_key=provider.key,
            base_url=provider.base_url,
            max_retries=0,
            timeout=seconds,
            http_client=DefaultAioHttpClient(),
        )
        own = {"max_retries": 0, "timeout": seconds, "headers": {}, "security": {"bearer_auth": True}}
        self._options: Any = own  # given, so that the client need not copy its own at each question

    async def ask(self, words: str, tokens: int) -> httpx2.Response:
        """The provider's response; raises OpenAIError where there is none, or it is an error.

        The body is made here: the client's own way of making it takes as long as all else that it does.
        """
        body = {
            **self._alike,
            "messages": [_system(), {"role": "user", "content": words}],
            "max_completion_tokens": tokens,
        }
        content = msgspec.json.encode(body)
        return await self._client.post(_PATH, content=content, cast_to=httpx2.Response, options=self._options)

    async def close(self) -> None:
        """End its connections."""
        await self._client.close()


class _Client(AsyncOpenAI):
    """The provider's client, which makes one request: each further one is that with another body.

    All go to one address with the same headers. To make each anew takes a third of what a question costs.
    """

    _first: httpx2.Request | None = None

    def _build_request(self, options: Any, *, retries_taken: int = 0) -> httpx2.Request:
        if self._first is None:
            self._first = super()._build_request(options, retries_taken=retries_taken)
            return self._first
        first, content = self._first, options.content
        made = httpx2.Request(
            first.method,
            first.url,
            headers=first.headers,
            stream=httpx2.ByteStream(content),
            extensions=first.extensions,
        )
        made.headers["Content-Length"] = str(len(content))
        made.read()
        return made


@cache
def _system() -> msgspec.Raw:
    return _json({"role": "system", "content": instructions()})


def _alike(provider: Provider) -> dict[str, Any]:
    """All but the messages and the length of the answer; the provider is asked to keep nothing."""
    price = provider.price
    chosen = {"reasoning_effort": provider.effort or price.effort, "temperature": price.temperature}
    form = {"name": "extraction", "strict": True, "schema": answer_schema()}
    return {
        "model": provider.model,
        "messages": [],
        "response_format": _json({"type": "json_schema", "json_schema": form}),
        "prompt_cache_key": f"academy-{prompt_hash()}",
        "store": False,
        **{name: value for name, value in chosen.items() if value is not None},
    }


def _json(part: dict[str, Any]) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(part))
