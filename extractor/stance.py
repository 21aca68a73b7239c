"""Intent: the family's stances in order, and which of them stands at the end (E8)."""

from collections.abc import Iterable, Iterator, Sequence

from domain.extraction import Objection, OptOutSaid
from domain.phrasebook import Hit, grouped
from domain.vocabulary import Intent, OptOut, Severity, Speaker
from extractor.acts import ACTS, Act, Stance, final
from extractor.heard import Clause, Heard
from extractor.lexicon import SIGNALLED, SIGNALS
from extractor.weighing import Passage, Weighed, parted

_SWALLOW = (Act.REFUSE, Act.SIGN, Act.VISIT, Act.CONSIDER, Act.COOL)
_UNDER_IF = frozenset({Act.WANT, Act.SIGN, Act.WARM, Act.REFUSE, Act.OBJECT})
_NO_QUESTION = frozenset({"reply.smalltalk", "service.any"})
_DISTANT = frozenset({"scope.past", "scope.reported"})
_ABSENT = frozenset(
    {"cancel", "can", "will", "not"}
)  # of one day only: "cancel Thursday", "can not make it today"
_ANSWERS = frozenset({"reply.yes", "reply.no", "time.when"})
_TIMES = frozenset({"offer.slot", "offer.visit"})
_OFFERED = frozenset({"offer.spot", "offer.enroll"})
_TAKES = frozenset({"reply.take", "reply.relief"})
_ACTING = frozenset(ACTS)
_ANYHOW = frozenset({Act.ASK, Act.OBJECT})  # they stand within a question, and whoever they are told of
_PUT_OFF = frozenset({Act.CONSIDER, Act.LATER})
_SIGN, _REFUSE = Act.SIGN, Act.REFUSE  # looked up once, for a member of an enum costs ten times a name
_LONG = 5  # words: a longer answer says itself what it means


def standing(passages: Iterable[Passage]) -> Stance | None:
    """The stance that stands at the end by the rules alone."""
    return final(one for passage in passages for one in passage.stances)


def intent(heard: Heard, words: Weighed, said: OptOutSaid[str]) -> Intent:
    """What the words come to; whoever opts out declines, and nobody who is silent responds."""
    if not any(turn.speaker is not Speaker.ACADEMY for turn in heard.turns):
        return Intent.NO_RESPONSE
    if said.verdict is OptOut.YES:
        return Intent.DECLINING
    likeliest = Intent(words.likeliest("intent"))
    return Intent.DECLINING if likeliest is Intent.UNCLEAR and said.verdict is OptOut.UNSURE else likeliest


def passages(heard: Heard, objections: tuple[Objection[str], ...]) -> list[Passage]:
    """What the family said, a turn or a sentence at a time, with the positions that the rules find in it.

    An open objection outweighs a mere wish before it.
    """
    reasons = frozenset(o.quote for o in objections if not o.addressed and o.severity is not Severity.LOW)
    return [
        Passage(said, tuple(_stances(heard, said, reasons)), heard.before(said[0].turn))
        for said in parted(heard.family)
    ]


def _stances(heard: Heard, said: Sequence[Clause], reasons: frozenset[str]) -> Iterator[Stance]:
    """Positions by place; a grievance, or a sentence among the open reasons against it, objects."""
    for clause in said:
        own = [_taken(heard, clause, one) for one in _own(clause)] if clause.hits else []
        if clause.quote in reasons or _complains(clause):
            yield Stance(Act.OBJECT, clause)
        yield from own
        if not own or clause.length <= _LONG:
            yield from _reply(heard, clause)
        if not own and clause.question and clause.labels.isdisjoint(_NO_QUESTION):
            yield Stance(Act.ASK, clause)
        if not own and not clause.question and clause.has("household.pending"):
            yield Stance(Act.DOUBT, clause)


def _taken(heard: Heard, clause: Clause, stance: Stance) -> Stance:
    """ "Lock that in" takes what was offered last: a time is no membership."""
    if stance.act is not _SIGN or "reply.take" not in clause.labels:
        return stance
    offers = {label for c in heard.before(clause.turn) for label in c.labels}
    timed = "offer.enroll" not in offers and not offers.isdisjoint(_TIMES)
    return Stance(Act.VISIT, clause) if timed else stance


def _own(clause: Clause) -> list[Stance]:
    """What a clause itself says; under an "if" it says one thing only."""
    if clause.labels.isdisjoint(_ACTING):
        return []
    acts = [act for hit in _unshadowed(clause) if (act := _read(clause, hit)) is not None]
    if (
        "scope.if" in clause.labels
        and "scope.polite_if" not in clause.labels
        and not _UNDER_IF.isdisjoint(acts)
    ):
        return [Stance(act, clause) for act in _conditional(clause, acts)]
    return [Stance(act, clause) for act in acts]


def _complains(clause: Clause) -> bool:
    if clause.labels.isdisjoint(SIGNALLED):
        return False
    return any(SIGNALS[hit.label].grievance for hit in clause.found("signal."))


def _unshadowed(clause: Clause) -> list[Hit]:
    """Stance phrases by place; a refusal or a sign-up swallows the wish within it."""
    hits = [h for h in clause.hits if h.label in ACTS]
    if len(hits) > 1 and (strong := [h for h in hits if ACTS[h.label] in _SWALLOW]):
        hits = [h for h in hits if not any(_covers(o, h) for o in strong)]
    denied = clause.denied
    return [h for h in hits if h.start not in denied]


def _covers(outer: Hit, inner: Hit) -> bool:
    if outer.label == inner.label:
        return False
    wider = (inner.end - inner.start) < (outer.end - outer.start)
    return wider and outer.start <= inner.start and inner.end <= outer.end


def _read(clause: Clause, hit: Hit) -> Act | None:
    """What a phrase means under its "he said" and its question mark."""
    act, labels = ACTS[hit.label], clause.labels
    if act in _ANYHOW:
        return None if "service.any" in labels else act
    if _is_no_stance(clause, hit, act):
        return None
    if clause.question:
        return _asked(labels, act)
    return _ordered(labels) if act is _SIGN else act


def _is_no_stance(clause: Clause, hit: Hit, act: Act) -> bool:
    """Told of somebody else or of the past; away for one day only; or "ask again if you like"."""
    told = [] if clause.labels.isdisjoint(_DISTANT) else clause.hits
    if any(h.label in _DISTANT and h.start < hit.start for h in told):
        return True
    if act is _REFUSE:
        return "time.day" in clause.labels and _first(clause, hit) in _ABSENT
    return act in _PUT_OFF and "scope.invites" in clause.labels


def _first(clause: Clause, hit: Hit) -> str:
    return grouped(clause.tokens)[0][hit.start]


def _ordered(labels: frozenset[str]) -> Act:
    """A trial is no membership, and a wish or a plan is no order."""
    if "offer.trial" in labels:
        return Act.VISIT
    return Act.WANT if "scope.wish" in labels else Act.SIGN


def _asked(labels: frozenset[str], act: Act) -> Act | None:
    """Within a question: an order stays one, a refusal is asked about."""
    if act is Act.SIGN:
        if "service.any" in labels:
            return None
        return Act.VISIT if "offer.trial" in labels else Act.SIGN if "scope.order" in labels else Act.WANT
    if act is Act.REFUSE and "scope.order" not in labels:
        return None
    return act


def _conditional(clause: Clause, acts: list[Act]) -> list[Act]:
    """A yes that hangs on the offer objects, one that hangs on their own circumstances considers."""
    own = "scope.if_own" in clause.labels and "stance.objecting" not in clause.labels
    if own and set(acts) == {Act.REFUSE}:
        return []  # what would be if they left
    return [Act.CONSIDER if own and Act.REFUSE not in acts else Act.OBJECT]


def _reply(heard: Heard, clause: Clause) -> Iterator[Stance]:
    """A bare yes, no or day takes its meaning from what the academy has just offered."""
    last = heard.before(clause.turn)
    if not last and clause.has("reply.fits") and not clause.question:
        yield Stance(Act.VISIT, clause, answers=True)  # to what was said before this thread
    if clause.labels.isdisjoint(_ANSWERS):
        return
    offers = frozenset([label for c in last for label in c.labels])
    asked = any(c.question for c in last[-2:]) or (
        not offers.isdisjoint(_OFFERED) and not clause.labels.isdisjoint(_TAKES)
    )
    if not asked:
        return
    visit = not offers.isdisjoint(_TIMES)
    if clause.has("reply.yes") and not clause.question and not clause.has("reply.no"):
        yield from _accepts(clause, offers)
    elif clause.has("reply.no") and (visit or "offer.interest" in offers):
        yield Stance(Act.COOL, clause, answers=True)
    elif "time.when" in clause.labels and visit:
        yield Stance(Act.VISIT, clause, answers=True)


def _accepts(clause: Clause, offers: frozenset[str]) -> Iterator[Stance]:
    if "offer.enroll" in offers and "offer.trial" not in offers:
        yield Stance(Act.SIGN, clause, answers=True)
    elif "offer.info" in offers:
        yield Stance(Act.ASK, clause, answers=True)
    elif not offers.isdisjoint(_TIMES):
        yield Stance(Act.VISIT, clause, answers=True)
    elif "offer.interest" in offers:
        yield Stance(Act.WANT, clause, answers=True)
