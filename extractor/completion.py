"""What a chat completion says, as far as it is read: the text, why it ended, and the tokens."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

import msgspec

from domain.vocabulary import Failure
from extractor.pricing import Usage

MOST = 100_000_000
"""Tokens that are believed of one answer."""

_QUOTA = frozenset({"insufficient_quota", "billing_hard_limit_reached", "quota_exceeded"})
_FILTER = "content_filter"


class Message(msgspec.Struct, frozen=True):
    """What the model wrote, or why it will not."""

    content: str | None = None
    refusal: str | None = None


class Choice(msgspec.Struct, frozen=True):
    """One answer; only one is asked for."""

    message: Message
    finish_reason: str | None = None


class PromptDetails(msgspec.Struct, frozen=True):
    """Tokens of the prompt that the provider's cache had, or took."""

    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class Counted(msgspec.Struct, frozen=True):
    """Tokens; reasoning is part of the completion's."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: PromptDetails | None = None


class Completion(msgspec.Struct, frozen=True):
    """A response."""

    choices: list[Choice]
    usage: Counted | None = None

    @property
    def used(self) -> Usage:
        """Its tokens; none where the server counts none, and no more parts than there is of the whole."""
        counted = self.usage or Counted()
        details = counted.prompt_tokens_details or PromptDetails()
        whole = _within(counted.prompt_tokens, MOST)
        cached = _within(details.cached_tokens, whole)
        written = _within(details.cache_write_tokens, whole - cached)
        return Usage(whole, cached, written, _within(counted.completion_tokens, MOST))


@dataclass(frozen=True, slots=True)
class Told:
    """The text that is to be the answer, or why there is none."""

    text: str = field(repr=False)
    failure: Failure | None = None


def told(completion: Completion) -> Told:
    """What the first choice says."""
    if not completion.choices:
        return Told("", Failure.MALFORMED)
    choice = completion.choices[0]
    if choice.message.refusal:
        return Told("", Failure.REFUSED)
    failures = {"length": Failure.CUT, _FILTER: Failure.FILTERED}
    return Told(choice.message.content or "", failures.get(choice.finish_reason or ""))


def failure_of(status: int, code: str | None, kind: str | None) -> Failure:
    """Of a response that is an error: its HTTP status, and the code and type in its body."""
    if _FILTER in (code, kind):
        return Failure.FILTERED
    if status == 429:
        return Failure.QUOTA if {code, kind} & _QUOTA else Failure.BUSY
    if status in (408, 409) or status >= 500:
        return Failure.ERROR
    return Failure.DENIED


def pause_told(headers: Mapping[str, str]) -> float | None:
    """Seconds that the provider asks for before the next try; None where it names none that can be read."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        if (seconds := _number(headers.get(name))) is not None:
            return seconds * unit
    try:
        return max(0.0, parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - time.time())
    except ValueError:
        return None


def _within(count: int | None, most: int) -> int:
    return min(max(count or 0, 0), most)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
