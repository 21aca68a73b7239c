"""Who said what: a transcript in speaker turns, without what is nobody's or somebody else's words."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from domain.letters import is_machine, machine_words, own_lines
from domain.vocabulary import Channel, Direction, Speaker


class Turn(NamedTuple):
    """One speaker's words: the exact slice of the transcript that begins at `start`."""

    speaker: Speaker
    text: str
    start: int


_ACADEMY = (
    r"(?:head |assistant |ai )?(?:coach|rep|representative|agent|academy|staff|advis[eo]r|director|"
    r"front desk|admissions|assistant|trainer|instructor|enrollment|office|bot|system|recording|ivr|host|"
    r"interviewer|operator|manager|owner|receptionist|sales|support|sensei|"
    r"entrenadora?|asesora?|academia|recepci[oó]n)"
)
_KIN = (
    r"parents?|mom|mother|mum|dad|father|guardian|family|grandma|grandmother|grandpa|grandfather|grandparent|nana|"
    r"aunt|uncle|stepmom|stepdad|stepmother|stepfather|wife|husband|madre|mam[aá]|padre|pap[aá]|familia|t[ií]a|t[ií]o|"
    r"abuela|abuelo"
)
_FAMILY = (
    rf"(?:{_KIN}|lead|customer|client|child|student|player|son|daughter|member|respondent|guest|cliente)"
)
_EITHER = r"(?:caller|user|human)"
_TAIL = r"(?: [\w.'’-]{1,20}){0,2}(?: ?\([^()\n]{1,30}\))?"
_ROLE = re.compile(
    rf"(?:{_ACADEMY}|{_FAMILY}|{_EITHER}){_TAIL}"
)  # in lower case, as all that reads names but one
_CAPITAL = r"[A-ZÀ-Þ][\w.'’-]{0,20}"
_NAME = re.compile(rf"{_CAPITAL}(?: {_CAPITAL}){{0,2}}(?: (?:{_KIN}|\d))?(?: ?\([^()\n]{{1,30}}\))?")
_MARGIN = re.compile(r"[ \t]{0,8}(?:\[?\(?\d{1,2}:\d\d(?::\d\d)?\)?\]?[ -]{0,3})?")
_COLON = re.compile(r":(?=\s)")
_ENDS = (". ", "! ", "? ", '" ', "… ")
_LONGEST = 70  # characters of a label
_NAMES = 1000  # kept with what they are
_IS_ACADEMY = re.compile(rf"{_ACADEMY}\b")
_IS_FAMILY = re.compile(rf"{_FAMILY}\b|.{{1,40}}['’]s (?:{_KIN})$")
_NO_NAME = re.compile(
    r"(?:subject|from|to|cc|bcc|date|sent|re|fwd?|note|p\.?s|time|address|phone|e-?mail|cell|tel|attn|days?|"
    r"question|yes|no|okay|ok|also|update)\b"
)
_INTRODUCES = re.compile(
    r"\b(?:this is|it's|i'm|my name is|soy|habla) .{0,40}\b(?:from|with|at|de|del)\b|"
    r"\bcalling (?:from|on behalf)\b|\bthank(?:s| you) for calling\b",
    re.IGNORECASE,
)
_ANSWERED = (
    r"(?:yes|yeah|yep|speaking|this is (?:she|he|her|him)|who(?: is|'s)? this|hello|oh|no|nope|sure|okay|ok|um|uh|"
    r"sorry|not interested|s[ií]|bueno|diga)"
)
_ANSWERS = re.compile(rf"\s*{_ANSWERED}\b|\s*who\s*$", re.IGNORECASE)
_HEARD = re.compile(
    r"\b(?:yes,? (?:this is|hi|speaking)|this is (?:she|he)\b|who(?: is|'s) this|not interested|no,? thank|"
    r"(?:don't|do not|dont|stop|quit) (?:call|text|contact)|(?:take|remove) (?:me|us)\b|oh,? (?:hi|hello|yes|no)\b)",
    re.IGNORECASE,
)
_LINE = re.compile(r"[^\n]+")
_EARLY = 4  # lines within which the academy says who it is
_JSON_TURN = re.compile(
    r'"(?:speaker|role|from|who|name|sender)"\s*:\s*"([^"\n]{1,40})"\s*,[^{}"]{0,40}'
    r'"(?:text|content|message|body|utterance)"\s*:\s*"((?:[^"\\]|\\.)*)"'
)


class _Name(NamedTuple):
    """What a speaker's name is."""

    role: bool | None  # a role of somebody's (True), the name of a person (False) or neither (None)
    academy: bool
    family: bool


_Label = tuple[str, int, int]
"""A speaker's name, and where it stands: a role may open a turn in the middle of a line, a name may not."""


def turns(
    text: str, channel: Channel = Channel.VOICE, direction: Direction = Direction.INBOUND
) -> tuple[Turn, ...]:
    """Split by speaker labels; without labels a message is by its direction and a call by nobody known."""
    if text.lstrip()[:1] in {"{", "["} and (told := _json(text)):
        return told
    labels = _labels(text, channel, direction)
    if not labels and channel is Channel.VOICE and (told := _in_turn(text)):
        return told
    sender = _sender(text, channel, direction) if not labels or labels[0][1] else Speaker.UNKNOWN
    if not labels:
        return tuple(_written(text, [(0, len(text), sender)], channel))
    names = {name for name, _, _ in labels}
    academy = {name for name in names if _read(name).academy} or _introduced(text, labels)
    ours = {part.casefold() for name in academy for part in (name, name.split()[-1])}
    speakers = {name: _speaker(name, ours) for name in names}
    ends = [start for _, start, _ in labels] + [len(text)]
    parts = [(0, ends[0], sender)]
    parts += [(begin, end, speakers[name]) for (name, _, begin), end in zip(labels, ends[1:], strict=True)]
    return tuple(_written(text, parts, channel))


def family_words(
    text: str, channel: Channel = Channel.VOICE, direction: Direction = Direction.INBOUND
) -> str:
    """What the family said or wrote, a turn per line; an unknown speaker counts, a rep never does."""
    return "\n".join(t.text for t in turns(text, channel, direction) if t.speaker is not Speaker.ACADEMY)


def _in_turn(text: str) -> tuple[Turn, ...]:
    """A call without labels, a line per speaker in turn: who introduces the academy, and who answers."""
    lines = [line for line in _LINE.finditer(text) if line[0].strip()]
    ours = next((n for n, line in enumerate(lines[:_EARLY]) if _INTRODUCES.search(line[0])), None)
    if ours is None or not any(_ANSWERS.match(line[0]) for line in lines[1 - ours % 2 :: 2]):
        return ()
    return tuple(
        Turn(
            Speaker.UNKNOWN if (n - ours) % 2 else Speaker.ACADEMY,
            line[0].strip(),
            line.start() + len(line[0]) - len(line[0].lstrip()),
        )
        for n, line in enumerate(lines)
    )


def _json(text: str) -> tuple[Turn, ...]:
    """The turns of a transcript that came as JSON; escapes stay as they stand."""
    found = [(m[1], m[2], m.start(2)) for m in _JSON_TURN.finditer(text)]
    ours = {name.casefold() for name, _, _ in found if _read(name).academy}
    return tuple(Turn(_speaker(name, ours), said, start) for name, said, start in found if said.strip())


def _labels(text: str, channel: Channel, direction: Direction) -> list[_Label]:
    """The label of each turn.

    In a message labels count only if its sender's side is among them, so that "Coach: please stop" stays the
    family's.
    """
    colons = [colon.start() for colon in _COLON.finditer(text)] if ":" in text else []
    found = [label for colon in colons if (label := _label(text, colon))]
    if found and channel is not Channel.VOICE:
        names = [_read(name) for name, _, _ in found]
        if not any(one.family if direction is Direction.INBOUND else one.academy for one in names):
            return []
    return found


def _label(text: str, colon: int) -> _Label | None:
    """The label that ends at a colon, if one does."""
    low = max(0, colon - _LONGEST)
    line = text.rfind("\n", low, colon) + 1
    if line or not low:
        name = text[line:colon].strip()
        if not name[:1].isalpha() and (margin := _MARGIN.match(text, line, colon)):
            name = text[margin.end() : colon].strip()
        if _read(name).role is not None:
            return name, line, colon + 1
    begin = max(text.rfind(mark, max(low, line), colon) for mark in _ENDS) + 2
    if begin >= 2 and _read(text[begin:colon]).role:
        return text[begin:colon], begin, colon + 1
    return None


@lru_cache(maxsize=_NAMES)
def _read(name: str) -> _Name:
    """What a name is; the same few open all turns of a call, and most calls."""
    lower = name.lower()
    role = True if _ROLE.fullmatch(lower) else None
    if not role and _NAME.fullmatch(name) and not _NO_NAME.match(lower):
        role = False
    return _Name(role, bool(_IS_ACADEMY.match(lower)), bool(_IS_FAMILY.match(lower)))


def _introduced(text: str, labels: list[_Label]) -> set[str]:
    """The first unknown name that says where it calls from."""
    for name, _, end in labels:
        if not _read(name).family and _INTRODUCES.search(text, end, end + 200):
            return {name}
    return set()


def _speaker(name: str, academy: set[str]) -> Speaker:
    if name.casefold() in academy:
        return Speaker.ACADEMY
    return Speaker.FAMILY if academy or _read(name).family else Speaker.UNKNOWN


def _sender(text: str, channel: Channel, direction: Direction) -> Speaker:
    if channel is Channel.VOICE:
        monologue = (
            direction is Direction.OUTBOUND and _INTRODUCES.search(text, 0, 200) and not _HEARD.search(text)
        )
        return Speaker.ACADEMY if monologue else Speaker.UNKNOWN
    return Speaker.FAMILY if direction is Direction.INBOUND else Speaker.ACADEMY


def _written(text: str, parts: list[tuple[int, int, Speaker]], channel: Channel) -> Iterator[Turn]:
    """The sender's own lines, in unbroken runs; a recording or auto-reply is nobody's."""
    words, whole = machine_words(text), channel is Channel.VOICE
    for begin, end, speaker in parts:
        if is_machine(text, begin, end, words):
            continue
        runs = [(begin, end)] if whole else _runs(own_lines(text, begin, end))
        for left, right in runs:
            piece = text[left:right]
            if said := piece.strip():
                yield Turn(speaker, said, left + piece.index(said[0]))


def _runs(spans: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for left, right in spans:
        if runs and runs[-1][1] == left:
            runs[-1] = (runs[-1][0], right)
        else:
            runs.append((left, right))
    return runs
