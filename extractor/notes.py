"""What an operator should know besides: facts, additional signals, open questions, the summary."""

from collections.abc import Iterable, Sequence

from domain.extraction import Fact, Family, Objection, Scheduling, Signal
from domain.vocabulary import Intent, Level, OptOut, Sentiment, Speaker
from extractor.heard import Clause, Heard
from extractor.lexicon import SIGNALLED, SIGNALS

_TITLES = {
    "fact.age": "Age",
    "fact.grade": "Grade",
    "fact.experience": "Experience",
    "fact.goal": "Goal",
    "fact.contact": "Contact",
    "fact.need": "Practical",
}
_FACTS = frozenset({*_TITLES, "fact.promise"})
_STANCES = {
    Intent.INTERESTED: "The family is interested",
    Intent.CONSIDERING: "The family is undecided",
    Intent.OBJECTING: "The family objects to part of the offer",
    Intent.SCHEDULING: "The family is arranging a visit or class time",
    Intent.REQUESTING_INFO: "The family asks for information",
    Intent.DECLINING: "The family declines",
    Intent.NO_RESPONSE: "The family did not respond",
    Intent.UNCLEAR: "The family takes no clear position",
}


def facts(heard: Heard) -> tuple[Fact[str], ...]:
    """A titled sentence per fact, and what the academy promised to do."""
    found: dict[str, Fact[str]] = {}
    for turn in heard.by_turn:
        for clause in turn:
            title = None if clause.labels.isdisjoint(_FACTS) else _title(clause)
            if title and clause.quote not in found:
                found[clause.quote] = Fact(f"{title}: {clause.quote}", clause.quote, clause.speaker)
    return tuple(found.values())


def _title(clause: Clause) -> str | None:
    if clause.speaker is Speaker.ACADEMY:
        return "We promised" if clause.has("fact.promise") and not clause.question else None
    if clause.question:
        return None
    return next((_TITLES[h.label] for h in clause.found("fact.") if h.label in _TITLES), None)


def signals(heard: Heard) -> tuple[Signal[str], ...]:
    """Each named signal once, at the sentence that first says it."""
    if heard.labels.isdisjoint(SIGNALLED):
        return ()
    found: dict[str, Signal[str]] = {}
    for clause in heard.family:
        if clause.labels.isdisjoint(SIGNALLED):
            continue
        for hit in clause.found("signal."):
            name, kind = hit.label.removeprefix("signal."), SIGNALS[hit.label]
            if name not in found:
                found[name] = Signal(
                    name,
                    kind.signal_class,
                    f"{kind.detail}: {clause.quote}",
                    kind.urgency,
                    kind.suggested_action,
                    clause.quote,
                )
    return tuple(found.values())


def open_questions(heard: Heard) -> tuple[str, ...]:
    """Questions from either side that the other side has not answered, or only put off."""
    asked = [clause for turn in heard.by_turn for clause in turn if clause.question and _asks(clause)]
    if not asked:
        return ()
    return tuple(dict.fromkeys(clause.quote for clause in asked if not _answered(heard, clause)))


def _asks(clause: Clause) -> bool:
    return "reply.smalltalk" not in clause.labels and clause.length > 2


def _answered(heard: Heard, question: Clause) -> bool:
    for said in heard.by_turn[question.turn + 1 :]:
        if said and said[0].speaker is not question.speaker:
            told = [clause for clause in said if not clause.question]
            return bool(told) and not any(clause.has("reply.deflect") for clause in told)
    return False


def stand(intent: Intent, sentiment: Sentiment, signed_up: bool, refused: OptOut) -> str:  # noqa: FBT001
    """Where the family stands, as the first sentence of a summary."""
    tone = "" if sentiment is Sentiment.NEUTRAL else f" and sounds {sentiment.value}"
    if refused is OptOut.YES:
        return "The family refuses further contact."
    return f"The family signs up{tone}." if signed_up else f"{_STANCES[intent]}{tone}."


def raised(level: Level, objections: Iterable[Objection[str]], signals: Iterable[Signal[str]]) -> list[str]:
    """What stands in the way and what else was told, as its second sentence, if there is any."""
    topics = [f"cost ({level.value} concern)"] if level is not Level.NONE else []
    topics += [
        f"{o.topic} ({'addressed' if o.addressed else o.severity.value})"
        for o in objections
        if o.topic != "cost" or not topics
    ]
    topics += [s.signal.replace("_", " ") for s in signals]
    return [f"Raised: {', '.join(topics)}."] if topics else []


def awaited(family: Family[str], times: Scheduling[str], questions: Sequence[str]) -> list[str]:
    """What is still open, as its last sentence, if there is any."""
    parts = [
        "another decision-maker is pending" if family.decision_makers else "",
        "there is a sibling" if family.siblings else "",
        f"times mentioned: {', '.join(times.preferred_times)}" if times.preferred_times else "",
        f"questions open: {len(questions)}" if questions else "",
    ]
    told = "; ".join([part for part in parts if part])
    return [f"{told[0].upper()}{told[1:]}."] if told else []
