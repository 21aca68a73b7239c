"""Where a quote stands in a transcript and whose words those are, by the golden set's own reading of speakers."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from domain.vocabulary import Speaker

_SILENT = frozenset("'’‘`´")
_LABEL = r"^[ \t]*(?:\[\d{1,2}:\d\d\] )?(%s):[ \t]"


@dataclass(frozen=True, slots=True)
class Words:
    """A text with one space between words, and where each of its characters stands in the original."""

    plain: str
    at: tuple[int, ...]


def words(text: str) -> Words:
    """Letters and digits in lower case without accents; apostrophes vanish, all else parts two words.

    So "thirty- five", "thirty-five" and "Thirty five" are one, and "don't" is "dont". A text of nothing but
    signs is kept as it is, or a lone emoji could never be quoted.
    """
    plain: list[str] = []
    at: list[int] = []
    for place, sign in enumerate(text):
        if sign in _SILENT or unicodedata.category(sign) == "Cf":
            continue
        letters = [c for c in unicodedata.normalize("NFKD", sign).casefold() if c.isalnum()]
        if unicodedata.combining(sign):
            continue
        if not letters and (not plain or plain[-1] == " "):
            continue
        plain += letters or [" "]
        at += [place] * (len(letters) or 1)
    if not any(c != " " for c in plain):
        return Words(text.strip(), tuple(range(len(text) - len(text.lstrip()), len(text.rstrip()))))
    while plain[-1] == " ":
        plain.pop()
        at.pop()
    return Words("".join(plain), tuple(at))


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` of a transcript, the end not included."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Transcript:
    """A text, and which passages of it the family and the academy spoke; the rest is nobody's.

    `anonymous` is a call without speaker labels: to say `unknown` of its speakers is right.
    """

    text: str
    words: Words
    passages: tuple[tuple[Span, Speaker], ...]
    anonymous: bool = False

    def spans(self, quote: str) -> tuple[Span, ...]:
        """Every place where the quote's words stand one after the other; none if it is no quote."""
        wanted = words(quote).plain
        return tuple(self._found(wanted)) if wanted else ()

    def _found(self, wanted: str) -> Iterator[Span]:
        plain, at = self.words.plain, self.words.at
        start = plain.find(wanted)
        while start >= 0:
            end = start + len(wanted)
            if plain[start - 1 : start] in ("", " ") and plain[end : end + 1] in ("", " "):
                yield Span(at[start], at[end - 1] + 1)
            start = plain.find(wanted, start + 1)

    def speakers(self, span: Span) -> frozenset[Speaker]:
        """Whose words a span holds; `unknown` stands for nobody's: a label, quoted history, a recording."""
        inside = self.words.at[bisect_left(self.words.at, span.start) : bisect_left(self.words.at, span.end)]
        return frozenset(self._speaker(place) for place in inside if not self.text[place].isspace())

    def _speaker(self, place: int) -> Speaker:
        for span, speaker in self.passages:
            if span.start <= place < span.end:
                return speaker
        return Speaker.UNKNOWN

    def spoken(self, quote: str, speaker: Speaker) -> tuple[Span, ...]:
        """The places of a quote that are this speaker's words and nobody else's."""
        if speaker is Speaker.UNKNOWN and self.anonymous:
            return self.spans(quote)
        return tuple(span for span in self.spans(quote) if self.speakers(span) <= {speaker})


def overlap(one: Span, other: Span) -> float:
    """Shared characters, as a share of the shorter span; 0 to 1."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return max(shared, 0) / min(one.end - one.start, other.end - other.start)


def labelled(text: str, academy: list[str], family: list[str]) -> Iterator[tuple[Span, Speaker]]:
    """The turns that begin with one of these names and a colon at the start of a line."""
    names = "|".join(map(re.escape, sorted((*academy, *family), key=len, reverse=True)))
    labels = list(re.finditer(_LABEL % names, text, re.MULTILINE))
    ends = [label.start() for label in labels[1:]] + [len(text)]
    for label, end in zip(labels, ends, strict=True):
        yield Span(label.end(), end), Speaker.ACADEMY if label[1] in academy else Speaker.FAMILY


def named(text: str, passages: list[str]) -> Iterator[tuple[Span, Speaker]]:
    """These passages are the family's, in their order; what lies between them is the academy's."""
    done = 0
    for passage in passages:
        start = text.index(passage, done)
        yield Span(done, start), Speaker.ACADEMY
        done = start + len(passage)
        yield Span(start, done), Speaker.FAMILY
    yield Span(done, len(text)), Speaker.ACADEMY
