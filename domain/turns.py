"""Who said what: a transcript in speaker turns, without what is nobody's or somebody else's words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from domain.letters import is_machine, own_lines
from domain.vocabulary import Channel, Direction, Speaker


@dataclass(frozen=True, slots=True)
class Turn:
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
_ROLE = re.compile(rf"(?:{_ACADEMY}|{_FAMILY}|{_EITHER}){_TAIL}", re.IGNORECASE)
_CAPITAL = r"[A-ZÀ-Þ][\w.'’-]{0,20}"
_NAME = re.compile(rf"{_CAPITAL}(?: {_CAPITAL}){{0,2}}(?: (?:{_KIN}|\d))?(?: ?\([^()\n]{{1,30}}\))?")
_MARGIN = re.compile(r"[ \t]{0,8}(?:\[?\(?\d{1,2}:\d\d(?::\d\d)?\)?\]?[ -]{0,3})?")
_COLON = re.compile(r":(?=\s)")
_ENDS = (". ", "! ", "? ", '" ', "… ")
_LONGEST = 70  # characters of a label
_IS_ACADEMY = re.compile(rf"{_ACADEMY}\b", re.IGNORECASE)
_IS_FAMILY = re.compile(rf"{_FAMILY}\b|.{{1,40}}['’]s (?:{_KIN})$", re.IGNORECASE)
_NO_NAME = re.compile(
    r"(?:subject|from|to|cc|bcc|date|sent|re|fwd?|note|p\.?s|time|address|phone|e-?mail|cell|tel|attn|days?|"
    r"question|yes|no|okay|ok|also|update)\b",
    re.IGNORECASE,
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


@dataclass(frozen=True, slots=True)
class _Label:
    """A speaker's name and where it stands; a role may open a turn in the middle of a line, a name may not."""

    name: str
    start: int
    end: int
    role: bool


def turns(
    text: str, channel: Channel = Channel.VOICE, direction: Direction = Direction.INBOUND
) -> tuple[Turn, ...]:
    """Split by speaker labels; without labels a message is by its direction and a call by nobody known."""
    if text.lstrip()[:1] in {"{", "["} and (told := _json(text)):
        return told
    labels = _labels(text, channel, direction)
    if not labels and channel is Channel.VOICE and (told := _in_turn(text)):
        return told
    academy = {one.name for one in labels if _IS_ACADEMY.match(one.name)} or _introduced(text, labels)
    ours = {part.casefold() for name in academy for part in (name, name.split()[-1])}
    sender = _sender(text, channel, direction)
    ends = [one.start for one in labels] + [len(text)]
    found = _written(text, 0, ends[0], sender, channel)
    for one, end in zip(labels, ends[1:], strict=True):
        found += _written(text, one.end, end, _speaker(one.name, ours), channel)
    return tuple(found)


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
    ours = {name.casefold() for name, _, _ in found if _IS_ACADEMY.match(name)}
    return tuple(Turn(_speaker(name, ours), said, start) for name, said, start in found if said.strip())


def _labels(text: str, channel: Channel, direction: Direction) -> list[_Label]:
    """The label of each turn.

    In a message labels count only if its sender's side is among them, so that "Coach: please stop" stays the
    family's.
    """
    seen: dict[str, bool | None] = {}
    found = [label for colon in _COLON.finditer(text) if (label := _label(text, colon.start(), seen))]
    if channel is not Channel.VOICE:
        own = _IS_FAMILY if direction is Direction.INBOUND else _IS_ACADEMY
        if not any(own.match(label.name) for label in found):
            return []
    return found


def _label(text: str, colon: int, seen: dict[str, bool | None]) -> _Label | None:
    """The label that ends at a colon, if one does; `seen` keeps what names at the start of a line are."""
    low = max(0, colon - _LONGEST)
    line = text.rfind("\n", low, colon) + 1
    if line or not low:
        name = text[line:colon]
        if name not in seen:
            seen[name] = _kind(name)
        if (role := seen[name]) is not None:
            margin = _MARGIN.match(name)
            return _Label(name[margin.end() if margin else 0 :].strip(), line, colon + 1, role)
    begin = max(text.rfind(mark, max(low, line), colon) for mark in _ENDS) + 2
    name = text[begin:colon]
    if begin >= 2 and _ROLE.fullmatch(name):
        return _Label(name, begin, colon + 1, role=True)
    return None


def _kind(head: str) -> bool | None:
    """Whether the start of a line is a role (True), a name (False) or neither (None)."""
    margin = _MARGIN.match(head)
    name = head[margin.end() if margin else 0 :].strip()
    if _ROLE.fullmatch(name):
        return True
    return False if _NAME.fullmatch(name) and not _NO_NAME.match(name) else None


def _introduced(text: str, labels: list[_Label]) -> set[str]:
    """The first unknown name that says where it calls from."""
    for one in labels:
        if not _IS_FAMILY.match(one.name) and _INTRODUCES.search(text, one.end, one.end + 200):
            return {one.name}
    return set()


def _speaker(name: str, academy: set[str]) -> Speaker:
    if name.casefold() in academy:
        return Speaker.ACADEMY
    return Speaker.FAMILY if academy or _IS_FAMILY.match(name) else Speaker.UNKNOWN


def _sender(text: str, channel: Channel, direction: Direction) -> Speaker:
    if channel is Channel.VOICE:
        monologue = (
            direction is Direction.OUTBOUND and _INTRODUCES.search(text, 0, 200) and not _HEARD.search(text)
        )
        return Speaker.ACADEMY if monologue else Speaker.UNKNOWN
    return Speaker.FAMILY if direction is Direction.INBOUND else Speaker.ACADEMY


def _written(text: str, begin: int, end: int, speaker: Speaker, channel: Channel) -> list[Turn]:
    """The sender's own lines, in unbroken runs; a recording or auto-reply is nobody's."""
    if is_machine(text, begin, end):
        return []
    lines = [(begin, end)] if channel is Channel.VOICE else _runs(own_lines(text, begin, end))
    return [
        Turn(speaker, piece.strip(), left + len(piece) - len(piece.lstrip()))
        for left, piece in ((left, text[left:right]) for left, right in lines)
        if piece.strip()
    ]


def _runs(spans: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for left, right in spans:
        if runs and runs[-1][1] == left:
            runs[-1] = (runs[-1][0], right)
        else:
            runs.append((left, right))
    return runs
