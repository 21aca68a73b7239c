"""Who said what: a transcript in speaker turns, without quoted history, signatures and auto-replies."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from domain.vocabulary import Channel, Direction, Speaker


@dataclass(frozen=True, slots=True)
class Turn:
    """One speaker's words: the exact slice of the transcript that begins at `start`."""

    speaker: Speaker
    text: str
    start: int


_ACADEMY = (
    r"(?:head |assistant |ai )?(?:coach|rep|representative|agent|academy|staff|advis[eo]r|director|"
    r"front desk|admissions|assistant|trainer|instructor|enrollment|office|caller|bot|system|recording|ivr|"
    r"entrenadora?|asesora?|academia|recepci[oó]n)"
)
_FAMILY = (
    r"(?:parents?|mom|mother|mum|dad|father|guardian|family|grandma|grandmother|grandpa|grandfather|aunt|uncle|"
    r"lead|customer|child|student|player|son|daughter|stepmom|stepdad|madre|mam[aá]|padre|pap[aá]|familia)"
)
_TAIL = r"(?: [\w.'’-]{1,20}){0,2}(?: ?\([^()\n]{1,30}\))?"
_NAME = r"[A-ZÀ-Þ][\w.'’-]{0,20}(?: [A-ZÀ-Þ][\w.'’-]{0,20}){0,2}(?: ?\([^()\n]{1,30}\))?"
_LINE = r"(?<![^\n])[ \t]{0,8}(?:\[?\(?\d{1,2}:\d\d(?::\d\d)?\)?\]?[ -]{0,3})?"
# A role may open a turn in the middle of a line, a name only at its start.
_ROLE_LABEL = re.compile(
    rf"(?:{_LINE}|(?<=[.!?\"…] ))((?:{_ACADEMY}|{_FAMILY}){_TAIL}):(?=\s)", re.IGNORECASE
)
_NAME_LABEL = re.compile(rf"{_LINE}({_NAME}):(?=\s)")
_IS_ACADEMY = re.compile(rf"{_ACADEMY}\b", re.IGNORECASE)
_IS_FAMILY = re.compile(rf"{_FAMILY}\b", re.IGNORECASE)
_NO_NAME = re.compile(
    r"(?:subject|from|to|cc|bcc|date|sent|re|fwd?|note|p\.?s|time|address|phone|e-?mail|cell|tel|attn|days?|"
    r"question|yes|no|okay|ok|also|update)\b",
    re.IGNORECASE,
)
_INTRODUCES = re.compile(
    r"\b(?:this is|it's|i'm|my name is|soy|habla) .{0,40}\b(?:from|with|at|de|del)\b", re.IGNORECASE
)
_MACHINE = re.compile(
    r"auto(?:matic|mated)?[- ]?(?:reply|response|message)|currently out of (?:the )?office|out of office|"
    r"driving with do not disturb|do not disturb while driving|you(?:'ve|’ve| have) reached|"
    r"(?:after|at) the (?:tone|beep)|mailbox is full|respuesta autom[aá]tica",
    re.IGNORECASE,
)
_HISTORY = re.compile(
    r"(?:On .{1,200} wrote:|El .{1,200} escribi[oó]:|-{2,20} ?(?:Original|Forwarded) Message.{0,40}|"
    r"Begin forwarded message:|From: .{1,200} (?:Sent|Date|To|Subject): .{0,200})$",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:best|kind|warm)? ?(?:regards|wishes|best|thanks|thank you|thanks again|many thanks|cheers|sincerely|"
    r"saludos|gracias|warmly)(?: so much| again)?[,.!]?$",
    re.IGNORECASE,
)
_SIGNED = re.compile(r"[-–—~ ]{0,4}[A-ZÀ-Þ][\w.'’-]*(?: (?:[A-ZÀ-Þ&(][\w.'’()-]*|and|y)){0,4}[,.]?$")
_DEVICE = re.compile(r"(?:Sent from|Get Outlook|Enviado desde)\b.{0,60}$", re.IGNORECASE)
_LOOKAHEAD = 12  # lines read on from a closing: a longer tail is no signature


def turns(
    text: str, channel: Channel = Channel.VOICE, direction: Direction = Direction.INBOUND
) -> tuple[Turn, ...]:
    """Split by speaker labels; without labels a message is by its direction and a call by nobody known."""
    labels = _labels(text, channel, direction)
    sender = _sender(text, channel, direction)
    academy = {n for n, _, _ in labels if _IS_ACADEMY.match(n)} or _introduced(text, labels)
    ours = {part.casefold() for name in academy for part in (name, name.split()[-1])}
    ends = [start for _, start, _ in labels] + [len(text)]
    found = _written(text, 0, ends[0], sender)
    for (name, _, begin), end in zip(labels, ends[1:], strict=True):
        found += _written(text, begin, end, _speaker(name, ours))
    return tuple(found)


def family_words(
    text: str, channel: Channel = Channel.VOICE, direction: Direction = Direction.INBOUND
) -> str:
    """What the family said or wrote, a turn per line; an unknown speaker counts, a rep never does."""
    return "\n".join(t.text for t in turns(text, channel, direction) if t.speaker is not Speaker.ACADEMY)


def _labels(text: str, channel: Channel, direction: Direction) -> list[tuple[str, int, int]]:
    """(name, start, end of the label) of each turn.

    In a message labels count only if its sender's side is among them, so that "Coach: please stop" stays the
    family's.
    """
    roles = [(m[1].strip(), m.start(), m.end()) for m in _ROLE_LABEL.finditer(text)]
    if channel is not Channel.VOICE:
        own = _IS_FAMILY if direction is Direction.INBOUND else _IS_ACADEMY
        if not any(own.match(name) for name, _, _ in roles):
            return []
    taken = {start for _, start, _ in roles}
    names = [(m[1].strip(), m.start(), m.end()) for m in _NAME_LABEL.finditer(text) if m.start() not in taken]
    return sorted(roles + [n for n in names if not _NO_NAME.match(n[0])], key=lambda label: label[1])


def _introduced(text: str, labels: list[tuple[str, int, int]]) -> set[str]:
    """The first unknown name that says where it calls from."""
    for name, _, begin in labels:
        if not _IS_FAMILY.match(name) and _INTRODUCES.search(text, begin, begin + 200):
            return {name}
    return set()


def _speaker(name: str, academy: set[str]) -> Speaker:
    if name.casefold() in academy:
        return Speaker.ACADEMY
    return Speaker.FAMILY if academy or _IS_FAMILY.match(name) else Speaker.UNKNOWN


def _sender(text: str, channel: Channel, direction: Direction) -> Speaker:
    if channel is Channel.VOICE:
        monologue = direction is Direction.OUTBOUND and _INTRODUCES.search(text, 0, 200)
        return Speaker.ACADEMY if monologue else Speaker.UNKNOWN
    return Speaker.FAMILY if direction is Direction.INBOUND else Speaker.ACADEMY


def _written(text: str, begin: int, end: int, speaker: Speaker) -> list[Turn]:
    """The sender's own lines, in unbroken runs; a recording or auto-reply is nobody's."""
    if speaker is not Speaker.ACADEMY and _MACHINE.search(text, begin, min(end, begin + 400)):
        return []
    runs: list[tuple[int, int]] = []
    for left, right in _own_lines(text, begin, end):
        if runs and runs[-1][1] == left:
            runs[-1] = (runs[-1][0], right)
        else:
            runs.append((left, right))
    pieces = ((left, text[left:right]) for left, right in runs)
    return [
        Turn(speaker, piece.strip(), left + len(piece) - len(piece.lstrip()))
        for left, piece in pieces
        if piece.strip()
    ]


def _own_lines(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Spans of lines that are neither quoted, nor history, nor a signature."""
    lines = text[begin:end].splitlines(keepends=True)
    at = begin
    for number, raw in enumerate(lines):
        line, left, at = raw.strip(), at, at + len(raw)
        if line[:1] == ">" or line == "wrote:" or _DEVICE.match(line):
            continue
        following = [after.strip() for after in lines[number + 1 : number + 1 + _LOOKAHEAD]]
        if number and (_HISTORY.match(line) or _HISTORY.match(" ".join([line, *following[:1]]))):
            if next((after for after in following if after not in {"", "wrote:"}), "")[:1] != ">":
                return
            continue  # answered below what it quotes
        if line == "--" or (_CLOSING.match(line) and _signature(following)):
            return
        yield left, at


def _signature(following: list[str]) -> bool:
    """Whether only a name and a few short lines come before the end or the quoted history."""
    own = [line for line in following if line]
    quoted = (i for i, line in enumerate(own) if line[:1] == ">" or line == "--" or _HISTORY.match(line))
    tail = own[: next(quoted, len(own))]
    return 1 <= len(tail) <= 5 and bool(_SIGNED.match(tail[0])) and all(len(line) <= 60 for line in tail)
