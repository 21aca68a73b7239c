"""The family around the child and its calendar: siblings, decision-makers, notes, times."""

import re

from domain.extraction import Family, Scheduling
from extractor.heard import Clause, Heard

_DAY = (
    r"(?:this |next |any )?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?:mon|tue|tues|wed|weds|thu|thur|thurs|fri|"
    r"sat)(?=\b)|weekends?|weekdays?|weeknights?)|tomorrow|tonight|tmrw|(?:this|next) week|lunes|martes|mi[eé]rcoles|"
    r"jueves|viernes|s[aá]bados?|domingos?|(?:this |next )?(?:summer|winter|spring)|week \d|any (?:night|day)|"
    r"on the \w+(?:st|nd|rd|th)\b|(?:june|july|august|september|october|november|december|january|february|march|april)"
    r" \w+(?:st|nd|rd|th)\b"
)
_PART = r"mornings?|afternoons?|evenings?|nights?|noon|after (?:school|work|practice|church|lunch)"
_CLOCK = (
    r"(?:\d{1,4}(?::\d\d)?(?: ?(?:am|pm|a\.m\.|p\.m\.))?|noon|(?:one|two|three|four|five|six|seven|eight|"
    r"nine|ten|eleven)(?: thirty| fifteen| forty five)?)"
)
_WHEN = re.compile(
    rf"\b(?:(?:{_DAY})(?:(?:,? (?:in the )?(?:{_PART}))|(?:,? (?:at|after|before|around|by|from|a las) {_CLOCK}))*"
    rf"|(?:after|before|around|a las) {_CLOCK}(?!\w| (?:years|minutes|kids|weeks|days|months))"
    rf"|\d{{1,2}}(?::\d\d)? ?(?:am|pm|a\.m\.|p\.m\.)|after school|(?:mornings|afternoons|evenings)"
    rf"|at {_CLOCK}(?= works))"
)  # in a text in lower case


_HOUSEHOLD = frozenset({"household.sibling", "household.agreed", "household.pending", "household.note"})
_NOBODY: Family[str] = Family((), (), ())
_NEVER: Scheduling[str] = Scheduling((), ())


def family(heard: Heard) -> Family[str]:
    """Siblings and decision-makers whose yes is missing at the end, each as the sentence that says so."""
    if heard.labels.isdisjoint(_HOUSEHOLD):
        return _NOBODY
    siblings: list[str] = []
    pending: list[str] = []
    notes: list[str] = []
    for clause in heard.family:
        labels = clause.labels
        if labels.isdisjoint(_HOUSEHOLD):
            continue
        if clause.has("household.sibling") and "household.only_child" not in labels:
            siblings.append(clause.quote)
        if clause.has("household.agreed"):
            pending.clear()
        elif clause.has("household.pending") and not clause.question:
            pending.append(clause.quote)
        if clause.has("household.note"):
            notes.append(clause.quote)
    return Family(*(tuple(dict.fromkeys(found)) for found in (siblings, pending, notes)))


def times(heard: Heard) -> Scheduling[str]:
    """When they can and cannot come, in their own words; "no, Thursday" replaces what was said before."""
    if "time.when" not in heard.labels:
        return _NEVER
    cannot: list[str] = []
    preferred: list[str] = []
    for clause in heard.family:
        if "time.when" not in clause.labels or clause.has("time.callback"):
            continue
        if "time.cannot" in clause.labels:
            cannot += [clause.quote] if _times(clause.quote) else []
        elif "time.can" in clause.labels or _answers(heard, clause):
            preferred = _corrected(clause, preferred, _times(clause.quote))
    return Scheduling(tuple(dict.fromkeys(cannot)), tuple(dict.fromkeys(preferred)))


def _times(quote: str) -> list[str]:
    lower = quote.replace("İ", "i").lower()  # the one letter that would move those behind it
    return [quote[when.start() : when.end()] for when in _WHEN.finditer(lower)]


def _corrected(clause: Clause, before: list[str], spans: list[str]) -> list[str]:
    """A correction at the start takes back what was said last, one within the sentence all but its end."""
    if not spans:
        return before
    at = [h.start for h in clause.hits if h.label == "time.correction"]
    if not at:
        return before + spans
    return before[:-1] + spans if min(at) == 0 else before + spans[-1:]


def _answers(heard: Heard, clause: Clause) -> bool:
    """A bare "Thursday at 4" behind the academy's question when."""
    return any(c.question and "offer.visit" in c.labels for c in heard.before(clause.turn))
