"""What stands in the way: financial concern at the end, objections, and sentiment towards the offer (E8)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from domain.extraction import Finances, Objection
from domain.phrasebook import Hit, grouped
from domain.vocabulary import Intent, Level, OptOut, Sentiment, Severity, TopicClass
from extractor.heard import Clause, Heard
from extractor.lexicon import OBJECTIONS, TOPICS

_PRICE = frozenset({"money.high", "money.moderate"})
_WORRIES = frozenset({Level.MODERATE, Level.HIGH})
_COST = "objection.financial"
_MOODS = frozenset({"mood.positive", "mood.negative", "mood.sarcasm"})
_LEAVING = frozenset({Intent.DECLINING, Intent.OBJECTING})
_RANK = {Level.NONE: 0, Level.LOW: 1, Level.MODERATE: 2, Level.HIGH: 3}
_LEVELS = {
    "money.high": Level.HIGH,
    "money.income": Level.HIGH,
    "money.moderate": Level.MODERATE,
    "money.aid": Level.MODERATE,
    "money.discount": Level.LOW,
}
_RAISING = frozenset({*_PRICE, "money.aid", *OBJECTIONS, "doubt.any"})
_NEAR = 4  # words between a topic and the doubt about it
_MONEY = frozenset({*_LEVELS, "money.solved"})
_FINE: Finances[str] = Finances(Level.NONE, ())
_SEVERITIES = {Severity.LOW: 0, Severity.MEDIUM: 1, Severity.HIGH: 2}


def finances(heard: Heard, intent: Intent) -> Finances[str]:
    """Concern level at the end: raised by each worry, lowered once solved, high if they leave over price."""
    if heard.labels.isdisjoint(_MONEY):
        return _FINE
    level = Level.NONE
    mentions: list[str] = []
    worried = False
    for clause in heard.family:
        if clause.labels.isdisjoint(_MONEY):
            continue
        raised = money(clause)
        if raised is not Level.NONE:
            mentions.append(clause.quote)
            level = max(level, raised, key=_RANK.__getitem__)
            worried = worried or raised in _WORRIES
        if level is not Level.NONE and _solved(heard, clause):
            level = Level.LOW
    if intent is Intent.DECLINING and level is Level.MODERATE and worried:
        level = Level.HIGH
    return Finances(level, tuple(dict.fromkeys(mentions)))


def money(clause: Clause) -> Level:
    """How grave a worry about money one clause raises."""
    if "money.fine" in clause.labels:
        return Level.NONE
    labels = {hit.label for hit in _said(clause, "money.")}
    return max((_LEVELS[x] for x in labels & _LEVELS.keys()), key=_RANK.__getitem__, default=Level.NONE)


def _solved(heard: Heard, clause: Clause) -> bool:
    """Relief right behind the academy's words on money, or relief that names money itself."""
    if not clause.has("money.solved") or clause.question:
        return False
    return "money.topic" in clause.labels or any("money.topic" in c.labels for c in heard.before(clause.turn))


def _said(clause: Clause, section: str) -> Sequence[Hit]:
    """Unnegated hits that are no report of somebody else's words."""
    found = clause.found(section)
    if not found or "scope.reported" not in clause.labels:
        return found
    return [h for h in found if not _reported(clause, h)]


def _reported(clause: Clause, hit: Hit) -> bool:
    return any(h.label == "scope.reported" and h.start < hit.start for h in clause.hits)


@dataclass(frozen=True, slots=True)
class _Raised:
    """An objection as it was raised: by which clause, under which label, how gravely."""

    clause: Clause
    label: str
    severity: Severity


def objections(heard: Heard) -> tuple[Objection[str], ...]:
    """One objection per topic class, at its gravest; addressed if the family says so behind an answer."""
    if heard.labels.isdisjoint(_RAISING):
        return ()
    raised: dict[TopicClass, _Raised] = {}
    for clause in heard.family:
        if clause.labels.isdisjoint(_RAISING):
            continue
        for now in _raised(clause):
            topic_class, _ = TOPICS[now.label]
            known = raised.get(topic_class)
            if known is None or _SEVERITIES[now.severity] > _SEVERITIES[known.severity]:
                raised[topic_class] = now
    return tuple(_objection(heard, kind, one) for kind, one in raised.items())


def _raised(clause: Clause) -> Iterator[_Raised]:
    """A worry about the price is an objection however it is put; any other topic needs its own words."""
    spoken = _PRICE if clause.question else _PRICE | {"money.aid"}  # who asks for aid objects to nothing yet
    if not clause.labels.isdisjoint(spoken) and (level := money(clause)) in _WORRIES:
        yield _Raised(clause, _COST, Severity.HIGH if level is Level.HIGH else Severity.MEDIUM)
    for hit in _said(clause, "objection.") if not clause.labels.isdisjoint(OBJECTIONS) else ():
        if _stands(clause, TOPICS[hit.label][0]):
            yield _Raised(clause, hit.label, _severity(clause, hit))
    if "doubt.any" not in clause.labels or clause.question:
        return
    doubts = [hit for hit in clause.hits if hit.label == "doubt.any"]
    for hit in clause.hits:
        if hit.label.startswith("topic.") and any(_beside(hit, doubt) for doubt in doubts):
            yield _Raised(clause, f"objection.{hit.label.removeprefix('topic.')}", _severity(clause, hit))


def _beside(one: Hit, other: Hit) -> bool:
    return one.start - other.end <= _NEAR and other.start - one.end <= _NEAR


def _stands(clause: Clause, topic_class: TopicClass) -> bool:
    """A question raises nothing, unless it asks about safety or how a child will fare."""
    return not clause.question or topic_class in {TopicClass.SAFETY, TopicClass.FIT, TopicClass.TRUST}


def _objection(heard: Heard, topic_class: TopicClass, one: _Raised) -> Objection[str]:
    quote = one.clause.quote
    topic = TOPICS[one.label][1]
    return Objection(topic, topic_class, quote, one.severity, _addressed(heard, one.clause, one.label), quote)


def at_the_end(raised: tuple[Objection[str], ...], intent: Intent) -> tuple[Objection[str], ...]:
    """Whatever made them refuse was grave."""
    if intent is not Intent.DECLINING:
        return raised
    return tuple(replace(one, severity=Severity.HIGH) for one in raised)


def _severity(clause: Clause, hit: Hit) -> Severity:
    if clause.has("severity.low"):
        return Severity.LOW
    _, groups = grouped(clause.tokens)
    here = groups[hit.start]
    blocking = any(h.label == "severity.high" and groups[h.start] == here for h in clause.hits)
    return Severity.HIGH if blocking else Severity.MEDIUM


def _addressed(heard: Heard, clause: Clause, label: str) -> bool:
    """The academy spoke to the topic, then the family showed relief or went a step on; nor is it raised again."""
    answer = f"answer.{label.removeprefix('objection.')}"
    answered, eased = False, False
    for ours, theirs in heard.exchanges(clause.turn):
        on_topic = any(answer in c.labels for c in ours)
        answered = answered or on_topic
        relieved = on_topic and any(c.has("reply.relief") and not c.question for c in theirs)
        eased = eased or relieved or (answered and any(map(_steps_forward, theirs)))
        eased = eased and not any(now.label == label for c in theirs for now in _raised(c))
    return eased


def _steps_forward(clause: Clause) -> bool:
    return clause.has("stance.scheduling", "stance.signed_up")


def sentiment(heard: Heard, intent: Intent, *, signs: bool, refusal: OptOut) -> Sentiment:
    """Towards the academy or the offer; sarcasm is what is meant, mixed feelings are neutral."""
    good, bad = (1 if signs else 0), 0
    for clause in heard.family if not heard.labels.isdisjoint(_MOODS) else ():
        if clause.labels.isdisjoint(_MOODS):
            continue
        warm, cold = _mood(clause)
        good, bad = good + warm, bad + cold
    if not good and not bad:
        return Sentiment.NEUTRAL
    leaving = intent in _LEAVING or refusal is not OptOut.NO
    if bad and (not good or (leaving and bad > good)):
        return Sentiment.NEGATIVE
    if good and (not bad or (not leaving and good > 2 * bad)):
        return Sentiment.POSITIVE
    return Sentiment.NEUTRAL


def _mood(clause: Clause) -> tuple[int, int]:
    """(warm, cold) phrases of a clause; a "not" turns warmth round, an "if" makes it a mere wish."""
    labels = clause.labels
    if "mood.elsewhere" in labels:
        return 0, 0
    if "mood.sarcasm" in labels:
        return 0, 1
    warm = [h for h in clause.hits if h.label == "mood.positive"]
    denied = sum(clause.negated(h) for h in warm)
    kept = 0 if "scope.if" in labels or "scope.past" in labels else len(warm) - denied
    cold = sum(h.label == "mood.negative" and not clause.negated(h) for h in clause.hits)
    return kept, cold + denied
