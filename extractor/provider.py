"""Where a model is asked: the provider's own client, and what is alike in all questions, made once."""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import httpx2
import msgspec
from openai import AsyncOpenAI, DefaultAioHttpClient

from extractor.answer_schema import answer_schema
from extractor.pricing import Price
from extractor.prompt import instructions, prompt_hash

_PATH = "chat/completions"
_AS_KEY = {"bearer_auth": True}


@dataclass(frozen=True, slots=True)
class Provider:
    """Where to ask, and for what; `effort` wins over the price list's."""

    key: str
    base_url: str
    model: str
    price: Price
    effort: str | None = None


class Posts:
    """Posts questions to one provider; made on the loop that asks."""

    def __init__(self, provider: Provider, seconds: float) -> None:
        self._alike = _alike(provider)
        self._client = AsyncOpenAI(
            api_key=provider.key,
            base_url=provider.base_url,
            max_retries=0,
            timeout=(patience := httpx2.Timeout(seconds)),
            http_client=_Lean(),
        )
        self._url = f"{self._client.base_url}{_PATH}"
        self._options: Any = {"headers": {}, "max_retries": 0, "timeout": patience, "security": _AS_KEY}

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
        return await self._client.post(
            self._url, content=content, cast_to=httpx2.Response, options=self._options
        )

    async def close(self) -> None:
        """End its connections."""
        await self._client.close()


class _Lean(DefaultAioHttpClient):
    """Makes a request from what the provider's client hands over, and adds nothing: no cookies, no parameters.

    The address and the headers of all questions are the same, and are understood once.
    """

    def build_request(  # type: ignore[override] # of its arguments these are the ones that are used
        self,
        method: str,
        url: str,
        *,
        headers: list[tuple[str, str]],
        timeout: httpx2.Timeout,
        content: bytes,
        **_none: Any,
    ) -> httpx2.Request:
        """The body is given whole, and stays so where the address has moved."""
        request = httpx2.Request(
            method,
            _address(url),
            headers=_headers(tuple(headers)),
            stream=httpx2.ByteStream(content),
            extensions={"timeout": timeout.as_dict()},
        )
        request.read()
        request.headers["Content-Length"] = str(len(content))
        return request


_address = lru_cache(16)(httpx2.URL)
_headers = lru_cache(16)(httpx2.Headers)


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
