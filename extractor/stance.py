"""Intent and sign-up: the family's stances in order, and which of them stands at the end (E8)."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.extraction import Objection, OptOutSaid, SignUp
from domain.vocabulary import Intent, OptOut, Severity
from domain.wording import Hit
from extractor.heard import Clause, Heard
from extractor.lexicon import SIGNALS

_STANCES = {
    "stance.declining": (Intent.DECLINING, True),
    "stance.signed_up": (Intent.INTERESTED, True),
    "stance.interested": (Intent.INTERESTED, True),
    "stance.scheduling": (Intent.SCHEDULING, True),
    "stance.considering": (Intent.CONSIDERING, True),
    "stance.weak_considering": (Intent.CONSIDERING, False),
    "stance.weak_interested": (Intent.INTERESTED, False),
    "stance.requesting_info": (Intent.REQUESTING_INFO, False),
}
_FORWARD = {Intent.INTERESTED, Intent.SCHEDULING, Intent.REQUESTING_INFO}


@dataclass(frozen=True, slots=True)
class Stance:
    """A position taken in one clause; a weak one counts only if nothing firm is said."""

    intent: Intent
    firm: bool
    signs: bool
    clause: Clause


def signed_up(heard: Heard) -> SignUp[str]:
    """Whether the family says that it has joined or orders it now, and does not take that back."""
    standing = _final(_stances(heard))
    if standing is None or not standing.signs:
        return SignUp()
    return SignUp(value=True, quote=standing.clause.quote)


def intent(heard: Heard, objections: tuple[Objection[str], ...], said: OptOutSaid[str]) -> Intent:
    """The family's last stance; an open objection after a mere wish turns it into `objecting`."""
    if said.verdict is OptOut.YES:
        return Intent.DECLINING
    open_now = (o for o in objections if not o.addressed and o.severity is not Severity.LOW)
    standing = _final(_stances(heard, frozenset(o.quote for o in open_now)))
    return standing.intent if standing else Intent.UNCLEAR


def _final(stances: Iterator[Stance]) -> Stance | None:
    now: Stance | None = None
    for later in stances:
        if now is None or _replaces(now, later):
            now = later
    return now


def _replaces(now: Stance, later: Stance) -> bool:
    """Later wins, except that a step back in courtesy does not undo a visit or a sign-up."""
    if not later.firm:
        return not now.firm and later.intent is not Intent.REQUESTING_INFO
    if now.intent is Intent.DECLINING and later.intent is Intent.OBJECTING:
        return False  # the reason for the refusal
    if now.signs:
        return later.signs or later.intent not in _FORWARD
    if now.firm and now.intent is Intent.SCHEDULING:
        return later.signs or later.intent not in {Intent.INTERESTED, Intent.OBJECTING}
    return True


def _stances(heard: Heard, reasons: frozenset[str] = frozenset()) -> Iterator[Stance]:
    """Positions by place; a grievance, or a sentence among the open reasons against it, objects."""
    for clause in heard.family():
        own = [s for hit in _unshadowed(clause) if (s := _read(clause, hit))]
        yield from own or _reply(heard, clause)
        complains = any(SIGNALS[hit.label].grievance for hit in clause.found("signal."))
        if complains or clause.quote in reasons:
            yield Stance(Intent.OBJECTING, firm=True, signs=False, clause=clause)


def _unshadowed(clause: Clause) -> list[Hit]:
    """Stance phrases by place; a refusal or a sign-up swallows the wish within it."""
    hits = [h for h in clause.found("stance.") if h.label in _STANCES]
    strong = [h for h in hits if h.label in {"stance.declining", "stance.signed_up", "stance.scheduling"}]
    return [h for h in hits if not any(o is not h and o.label != h.label and _covers(o, h) for o in strong)]


def _covers(outer: Hit, inner: Hit) -> bool:
    if outer.label == "stance.scheduling" and inner.label == "stance.signed_up":
        return outer.start <= inner.end and inner.start <= outer.end
    return (
        outer.start <= inner.start
        and inner.end <= outer.end
        and (outer.start, outer.end) != (inner.start, inner.end)
    )


def _read(clause: Clause, hit: Hit) -> Stance | None:
    """What a phrase means under its "if", its "he said" and its question mark."""
    stance, firm = _STANCES[hit.label]
    labels = clause.labels
    if hit.label == "stance.requesting_info":
        return Stance(stance, firm=False, signs=False, clause=clause)
    if any(h.label in {"scope.past", "scope.reported"} and h.start < hit.start for h in clause.hits):
        return None
    if "scope.if" in labels and "scope.polite_if" not in labels:
        return _conditional(clause, stance)
    if hit.label == "stance.signed_up":
        return _sign_up(clause, labels)
    if (
        hit.label in {"stance.interested", "stance.weak_interested"}
        and clause.question
        and "how" not in clause.words
    ):
        firm = False
    return Stance(stance, firm, signs=False, clause=clause)


def _conditional(clause: Clause, stance: Intent) -> Stance | None:
    """A yes that hangs on the offer objects, one that hangs on their own circumstances considers."""
    if stance is Intent.DECLINING:
        return Stance(Intent.OBJECTING, firm=True, signs=False, clause=clause)
    if stance is Intent.INTERESTED:
        offer = "stance.objecting" in clause.labels
        return Stance(
            Intent.OBJECTING if offer else Intent.CONSIDERING, firm=True, signs=False, clause=clause
        )
    return Stance(stance, firm=True, signs=False, clause=clause)


def _sign_up(clause: Clause, labels: frozenset[str]) -> Stance:
    trial = "offer.trial" in labels
    if trial:
        return Stance(Intent.SCHEDULING, firm=True, signs=False, clause=clause)
    ordered = not clause.question or "scope.order" in labels
    if not ordered:
        return Stance(Intent.INTERESTED, firm=False, signs=False, clause=clause)
    wish = "stance.interested" in labels and any(
        w in clause.words for w in ("want", "would like", "would love", "hoping")
    )
    return Stance(Intent.INTERESTED, firm=True, signs=not wish, clause=clause)


def _reply(heard: Heard, clause: Clause) -> Iterator[Stance]:
    """A bare yes or no takes its meaning from what the academy has just offered."""
    last = heard.before(clause.turn)
    asked = bool(last) and last[-1].question
    offers = {label for c in last for label in c.labels if c.question or label == "offer.slot"}
    if clause.has("reply.yes") and not clause.question:
        if asked and "offer.enroll" in offers and "offer.trial" not in offers:
            yield Stance(Intent.INTERESTED, firm=True, signs=True, clause=clause)
        elif "offer.slot" in offers or ("offer.visit" in offers and "offer.info" not in offers):
            yield Stance(Intent.SCHEDULING, firm=True, signs=False, clause=clause)
        elif asked and "stance.interested" in offers:
            yield Stance(Intent.INTERESTED, firm=True, signs=False, clause=clause)
        elif asked and "offer.info" in offers:
            yield Stance(Intent.REQUESTING_INFO, firm=False, signs=False, clause=clause)
    elif asked and clause.has("reply.no") and "stance.interested" in offers:
        yield Stance(Intent.DECLINING, firm=True, signs=False, clause=clause)
