"""The question to a model: the same instructions for everybody first, then one conversation, fenced as data."""

import hashlib
import json
from functools import cache
from pathlib import Path

from domain.vocabulary import Channel, Direction
from extractor.port import Request, request

_FENCE = 12
_EXAMPLE = request("Coach: Hello?\nParent: Yes.", Channel.VOICE, Direction.OUTBOUND)


@cache
def instructions() -> str:
    """The part that is alike for all questions, so that the provider can cache it."""
    return Path(__file__).with_name("prompt.txt").read_text("utf-8")


@cache
def prompt_hash() -> str:
    """SHA-256 of the instructions and of how a conversation is laid out, 16 hexadecimal digits."""
    laid_out = conversation(_EXAMPLE)
    return hashlib.sha256(f"{instructions()}\n{laid_out}".encode()).hexdigest()[:16]


def conversation(asked: Request) -> str:
    """Channel and direction, then a line per turn between two marks that nobody can foresee.

    The words are JSON strings, so that no line of theirs can look like another speaker's or like a mark.
    """
    lines = [f"{turn.speaker.value}: {json.dumps(turn.text, ensure_ascii=False)}" for turn in asked.spoken]
    mark = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:_FENCE]
    head = f"channel: {asked.channel.value}, {asked.direction.value}"
    return "\n".join((head, f"<conversation {mark}>", *lines, f"</conversation {mark}>"))
