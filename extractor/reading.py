"""What is read in one conversation, and by whom: a model whose answer the transcript bears out, else the rules (E3)."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from domain.asked import Asked
from domain.extraction import Extraction
from domain.phrasebook import Phrasebook
from domain.turns import Turn
from domain.vocabulary import Channel, Direction, ExtractionStatus, Failure, Outcome, Speaker
from domain.wording import tokens
from extractor.grounding import grounded
from extractor.offline_model import extract
from extractor.port import Model, Reply, Request, Terms
from extractor.recorded import Read, nothing_recorded

LONGEST = 60_000
"""Characters that a model is asked about: a call of an hour and a half, 15,000 tokens."""

_HELD = frozenset({Outcome.COMPLETED, Outcome.VOICEMAIL})


Rules = Callable[[str, Channel, Direction], Extraction[str]]
"""Reads any text at once, the same each time."""


Earlier = Callable[[str, str], Read | None]
"""What was read once in something of a household, by lead and cause, if it was."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, and what a model was asked for it; None where none had to be."""

    said: Extraction[str]
    asked: Asked | None = None


@dataclass(frozen=True, slots=True)
class Readers:
    """Who reads: what is recorded of the event stands; else the model, if there is one; else the rules."""

    model: Model | None = None
    rules: Rules = extract
    recorded: Earlier = nothing_recorded

    def by_rules(self, text: str, channel: Channel, direction: Direction) -> Reading:
        """As the rules read it, where no model is meant to."""
        return Reading(self.rules(text, channel, direction))

    def barred(self, request: Request) -> Failure | None:
        """Why a text is kept from the model: it is too long, or aimed at it, and only rules read that unmoved (E5)."""
        if len(request.text) > LONGEST:
            return Failure.TOO_LONG
        if _may_be_aimed(request.spoken) and self._ruled(request).injection:
            return Failure.INJECTION
        return None

    def concluded(self, request: Request, reply: Reply | None, terms: Terms) -> Reading:
        """The model's answer as far as the transcript bears it out, else what the rules read, marked so.

        An answer that reports words aimed at the software is not used: they may have moved it.
        """
        told = reply or Reply(None, Failure.NO_REPLY)
        if told.said is None or told.said.injection:
            failure = told.failure if told.said is None else Failure.INJECTION
            return Reading(self._instead(request, failure), _asked(told, failure, terms, {}))
        said, dropped = grounded(told.said, request.spoken)
        return Reading(said, _asked(told, None, terms, dropped))

    def _ruled(self, request: Request) -> Extraction[str]:
        return self.rules(request.text, request.channel, request.direction)

    def _instead(self, request: Request, failure: Failure | None) -> Extraction[str]:
        said = self._ruled(request)
        aimed = said.injection or failure is Failure.INJECTION
        return replace(said, status=ExtractionStatus.FALLBACK, injection=aimed)


def worth_asking(request: Request, outcome: Outcome) -> bool:
    """Whether there is something to ask: the contact took place, and in it somebody spoke who may be of the family."""
    return outcome in _HELD and any(
        turn.speaker is not Speaker.ACADEMY and any(map(str.isalnum, turn.text)) for turn in request.spoken
    )


def _asked(told: Reply, failure: Failure | None, terms: Terms, dropped: dict[str, int]) -> Asked:
    return Asked(
        model=terms.model,
        failure=failure,
        attempts=told.attempts,
        latency_ms=told.latency_ms,
        asked_at=told.asked_at,
        tokens_in=told.used.input,
        tokens_cached=told.used.cached,
        tokens_written=told.used.written,
        tokens_out=told.used.output,
        price_version=terms.price_version,
        cost_nanos=terms.nanos(told.used),
        prompt_hash=terms.prompt_hash,
        schema_hash=terms.schema_hash,
        dropped=dropped,
    )


def _may_be_aimed(spoken: tuple[Turn, ...]) -> bool:
    """A quick look; the rules have the last word, for they know where sentences end."""
    return any(_aimed().hits(tokens(turn.text)) for turn in spoken if turn.speaker is not Speaker.ACADEMY)


@cache
def _aimed() -> Phrasebook:
    """The rules' own phrases for it, and no others: looking all of them up takes as long as reading."""
    table = tomllib.loads(Path(__file__).with_name("stances.toml").read_text("utf-8"))
    return Phrasebook({"injection": table["injection"]["any"]}, table["lists"])
