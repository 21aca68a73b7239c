"""What in a message is its sender's own: not quoted history, signatures, auto-replies and recordings."""

import re
from bisect import bisect_left
from collections.abc import Iterator

_MACHINE = re.compile(
    r"auto(?:matic|mated)?[- ]?(?:reply|response|message|responder)|this is an automated|"
    r"out of (?:the )?office|away from my desk|limited access to e-?mail|driving with do not disturb|"
    r"do not disturb (?:while driving|turned on)|you(?:'ve|’ve| have) reached|reached the voice ?mail|"
    r"(?:after|at) the (?:tone|beep)|mailbox is full|(?:can|can't|cannot|can’t) (?:not )?come to the phone|"
    r"not available to take your call|voice ?mail (?:box|service)|delivery has failed|undeliverable|"
    r"respuesta autom[aá]tica|fuera de la oficina|deje su mensaje|despu[eé]s del tono"
)  # in a text in lower case
_HINTS = (
    "auto",
    "office",
    "away",
    "disturb",
    "reached",
    "tone",
    "beep",
    "mailbox",
    "phone",
    "voice",
    "deliver",
    "tono",
    "oficina",
)
_HISTORY = re.compile(
    r"(?:On .{1,200} wrote:|El .{1,200} escribi[oó]:|-{2,20} ?(?:Original|Forwarded) Message.{0,40}|"
    r"Begin forwarded message:|From: .{1,200} (?:Sent|Date|To|Subject): .{0,200})$",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:best|kind|kindest|warm|warmest|many|with)? ?(?:regards|wishes|best|thanks|thank you|thanks again|cheers|"
    r"sincerely|saludos|gracias|warmly|love|respectfully|yours|atentamente|un abrazo)(?: so much| again)?[,.!]?$",
    re.IGNORECASE,
)
_SIGNED = re.compile(r"[-–—~ ]{0,4}[A-ZÀ-Þ][\w.'’-]*(?: (?:[A-ZÀ-Þ&(][\w.'’()-]*|and|y)){0,4}[,.]?$")
_DEVICE = re.compile(r"(?:Sent from|Get Outlook|Enviado desde)\b.{0,60}$", re.IGNORECASE)
_LOOKAHEAD = 12  # lines read on from a closing: a longer tail is no signature
_OPENING = 400  # characters in which a recording or an auto-reply shows itself


def machine_words(text: str) -> list[int]:
    """Where the words of recordings and auto-replies stand, in order: few turns hold one and need a closer look."""
    lower = text.replace("İ", "i").lower()  # the one letter that would move those behind it
    return sorted(at for hint in _HINTS if hint in lower for at in _places(lower, hint))


def is_machine(text: str, begin: int, end: int, words: list[int]) -> bool:
    """Whether a recording or an auto-reply speaks, which is nobody; `words` are the `machine_words` of the text."""
    end = min(end, begin + _OPENING)
    first = bisect_left(words, begin)
    if first == len(words) or words[first] >= end:
        return False
    opening = text[begin:end].lower()
    return any(hint in opening for hint in _HINTS) and _MACHINE.search(opening) is not None


def _places(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def own_lines(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Spans of lines that are neither quoted, nor history, nor a signature."""
    lines = text[begin:end].splitlines(keepends=True)
    at = begin
    for number, raw in enumerate(lines):
        line, left, at = raw.strip(), at, at + len(raw)
        if line[:1] == ">" or line == "wrote:" or _DEVICE.match(line):
            continue
        if number and (
            _HISTORY.match(line) or _HISTORY.match(" ".join([line, *_following(lines, number)[:1]]))
        ):
            if (
                next((after for after in _following(lines, number) if after not in {"", "wrote:"}), "")[:1]
                != ">"
            ):
                return
            continue  # answered below what it quotes
        last = number + 1 == len(lines)  # nothing that could be a name comes behind it
        if line == "--" or (not last and _CLOSING.match(line) and _signature(_following(lines, number))):
            return
        yield left, at


def _following(lines: list[str], number: int) -> list[str]:
    return [after.strip() for after in lines[number + 1 : number + 1 + _LOOKAHEAD]]


def _signature(following: list[str]) -> bool:
    """Whether only a name and a few short lines come before the end or the quoted history."""
    own = [line for line in following if line]
    quoted = (i for i, line in enumerate(own) if line[:1] == ">" or line == "--" or _HISTORY.match(line))
    tail = own[: next(quoted, len(own))]
    return 1 <= len(tail) <= 5 and bool(_SIGNED.match(tail[0])) and all(len(line) <= 60 for line in tail)
