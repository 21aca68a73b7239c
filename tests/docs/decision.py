"""The parts of docs/decisions.md: every figure of one decision, from the code that makes decisions."""

from collections.abc import Iterable
from datetime import datetime
from textwrap import wrap

from domain.buckets import _RULES
from domain.masks import sentence
from domain.moves import Cause, causes
from domain.records import ActionVerdict, SignalSeen
from domain.vocabulary import Bucket, Channel, Direction
from extractor.offline_model import extract
from projections.api.render import rendered
from schemas.flow import table
from tests.docs.story import Story, story

WIDTH = 110

_RULE_SAYS = {
    Bucket.UNREACHED: "our last try met nobody, and nothing came from them since",
    Bucket.NEGATIVE: "they decline, and sound negative",
    Bucket.SCHEDULING_INTENT: "they arrange a visit or a time",
    Bucket.POSITIVE_ENGAGEMENT: "they are interested, and sound positive",
    Bucket.FINANCIAL_CONCERN: "their concern about money is moderate or high",
}


def parts() -> dict[str, str]:
    """Each step's part by name."""
    told = story()
    makers = (_said, _heard, _state, _actions, _choice, _moment, _brief, _ended, _learned)
    return {f"decision-{make.__name__.strip('_')}": make(told) for make in makers}


def _said(told: Story) -> str:
    body = told.asked
    where = f"{body['direction']} {body['channel']} of {told.decision.lead_id}, {_time(body['told_at'])} UTC"
    lines = (line for text in body["transcript"].strip().splitlines() for line in wrap(text, WIDTH) or [""])
    return "```\n" + "".join(f"{line}\n" for line in (f"# {where}", *lines)) + "```\n"


def _heard(told: Story) -> str:
    """Clear classes from the record itself; the words beside them are extracted anew, for they are sealed there."""
    body, recorded = told.asked, told.enriched.extraction
    words = extract(body["transcript"], Channel(body["channel"]), Direction(body["direction"]))
    level = recorded.financial_signals.concern_level
    rows = [
        ("intent", recorded.intent.value, ""),
        ("sentiment", recorded.sentiment.value, ""),
        ("concern about money", level.value, _quoted(words.financial_signals.mentions)),
        *(
            ("objection", f"{clear.topic_class.value}, {clear.severity.value}", _quoted((said.quote,)))
            for clear, said in zip(recorded.objections, words.objections, strict=True)
        ),
        *(
            (
                "additional signal",
                f"{clear.signal_class.value}, {clear.urgency.value}",
                _quoted((said.quote,)),
            )
            for clear, said in zip(recorded.additional_signals, words.additional_signals, strict=True)
        ),
        ("open questions", str(len(recorded.open_questions)), _quoted(words.open_questions)),
        ("facts", str(len(recorded.facts)), _quoted(tuple(fact.quote for fact in words.facts))),
    ]
    return table(("what", "class", "the words it rests on"), rows)


def _state(told: Story) -> str:
    """The steps of status, and the buckets in their order up to the first whose rule holds."""
    at, hops = told.decision.decided_at, told.moved
    path = " → ".join([hops[0].from_status, *(hop.to_status for hop in hops)])
    intent = told.enriched.extraction.intent
    assert {Cause.TWO_WAY, Cause.WARM} <= set(causes(told.enriched, told.parameters))
    why = f"an inbound message is contact both ways, and `{intent}` without anger is interest"
    rows = [("status", f"`{path}`", why)]
    for bucket, holds in _RULES.items():
        true = holds(told.lead, at, told.parameters)
        rows.append((f"bucket `{bucket}`", "yes" if true else "no", _RULE_SAYS[bucket]))
        if true:
            break
    return table(("", "", "why"), [*rows, ("state", f"**`{told.decision.state}`**", "")])


def _actions(told: Story) -> str:
    """Allowed actions by score, then the refused ones in vocabulary order."""
    ordered = sorted(told.decision.actions, key=lambda each: (not each.allowed, -(each.score or 0.0)))
    heading = ("action", "value", "visits", "bonus", "score", "why not")
    return table(heading, (_action(each) for each in ordered))


def _action(each: ActionVerdict) -> tuple[str, ...]:
    if not each.allowed:
        return (f"`{each.action}`", "", "", "", "", sentence(str(each.reason)))
    visits = f"{each.visits} + {each.pseudo_visits}"
    name = f"**`{each.action}`**" if each.probability else f"`{each.action}`"
    return (name, f"{each.q:.2f}", visits, f"{each.bonus:.3f}", f"{each.score:.3f}", "")


def _choice(told: Story) -> str:
    decision = told.decision
    best = next(each for each in decision.actions if each.probability)
    total = sum(each.visits + each.pseudo_visits for each in decision.actions)
    own, c = best.visits + best.pseudo_visits, told.parameters.ucb_c
    return (
        "```\n"
        f"bonus = C sqrt(ln(N(state) + 1) / (N(state, action) + 1))\n"
        f"      = {c} sqrt(ln({total} + 1) / ({own} + 1)) = {best.bonus:.3f}\n"
        f"score = {best.q:.2f} + {best.bonus:.3f} = {best.score:.3f}\n"
        "```\n"
    )


def _moment(told: Story) -> str:
    contact, decision = told.decision.contact, told.decision
    assert contact is not None
    assert decision.scheduled_for is not None
    assert decision.expires_at is not None
    rows = [
        ("wanted", _time(contact.preferred_at), "the action's own delay after the decision"),
        ("moved by", ", ".join(contact.reasons) or "nothing", f"the clock of {contact.time_zone}"),
        (
            "scheduled",
            _time(decision.scheduled_for),
            f"{contact.local_time[:16].replace('T', ' ')} for the family",
        ),
        ("expires", _time(decision.expires_at), f"{told.parameters.decision_hours} h after that"),
    ]
    return table(("", "UTC", ""), rows)


def _brief(told: Story) -> str:
    decision, brief = told.decision, told.decision.brief
    assert brief is not None
    view = rendered(decision.action, brief)
    lines = [f"{decision.action} by {decision.channel}: {view.purpose}", f"tone: {view.tone}. {view.timing}"]
    lines += [f"  - {each.text}{_because(each.signal, each.facts)}" for each in view.directives]
    lines += [f"prepare: {'; '.join(view.prepare)}", f"avoid: {'; '.join(view.avoid)}"]
    return "```\n" + "".join(f"{line}\n" for line in lines) + "```\n"


def _because(signal: str | None, facts: Iterable[SignalSeen]) -> str:
    count = len(list(facts))
    return f"  ({signal}, {count} mention{'s' if count > 1 else ''})" if signal else ""


def _ended(told: Story) -> str:
    hops = "; ".join(f"`{hop.from_status} → {hop.to_status}` {hop.reward:+.1f}" for hop in told.taught.hops)
    rows = [
        (
            "caused by",
            f"{told.ended_by['direction']} {told.ended_by['channel']}, {_time(told.taught.recorded_at)}",
        ),
        ("from, action", f"`{told.taught.from_state}`, `{told.taught.action}`"),
        ("carried out", f"`{told.taught.executed_action}`"),
        ("steps of status", hops),
        ("reward", f"{told.taught.reward:+.2f}"),
        ("to", f"`{told.taught.to_state}`"),
    ]
    return table(("transition", ""), rows)


def _learned(told: Story) -> str:
    p, reward = told.parameters, told.taught.reward
    return (
        "```\n"
        "Q += alpha (reward + gamma max Q(next) - Q)\n"
        f"   = {told.before.q:.3f} + {p.alpha} ({reward:.2f} + {p.gamma} * {told.next_best:.2f} - {told.before.q:.2f})"
        f" = {told.after.q:.3f}\n"
        f"visits {told.before.visits} -> {told.after.visits}, rewards in sum {told.after.reward_sum:.2f}\n"
        "```\n"
    )


def _quoted(words: Iterable[str]) -> str:
    return "; ".join(f"“{each}”" for each in words)


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
