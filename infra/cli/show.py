"""`academy show`: one decision as a person can follow it, read from the record topic itself."""

import msgspec
from rich.console import Console
from rich.table import Table

from domain.masks import sentence
from domain.policies import RULES
from domain.records import ActionVerdict, Brief, Decision
from infra.cli.connect import connected
from infra.cli.screen import print_data, screen
from infra.local.settings import LocalSettings
from projections.api.render import TEXTS
from runtime.checks import await_kafka
from runtime.errors import RuntimeFault
from runtime.lookback import messages
from runtime.settings import Settings
from schemas.codec import decode


class UnknownDecision(RuntimeFault):
    """No decision on the topic has this id."""


def show_decision(settings: LocalSettings, decision_id: str, prefix: str | None, *, as_json: bool) -> int:
    """Print the decision; raises UnknownDecision, or NotReady where the topic cannot be read."""
    at = connected(settings, prefix)
    await_kafka(at)
    decision = find(at, decision_id)
    if as_json:
        print_data(msgspec.to_builtins(decision))
    else:
        print_decision(screen(), decision)
    return 0


def find(settings: Settings, decision_id: str) -> Decision:
    """The record with this id; only its header is looked at until it matches."""
    wanted = ("event-id", decision_id.encode())
    for message in messages(settings, "decisions"):
        if wanted in message.headers and message.value is not None:
            decision: Decision = decode("decisions", message.value)
            return decision
    raise UnknownDecision(
        f"no decision {decision_id} on {settings.topic('decisions')}; ids are in `/api/nba/<lead>/history`"
    )


def print_decision(console: Console, decision: Decision) -> None:
    """The decision as a person can follow it."""
    facts = {
        "decision": decision.decision_id,
        "lead": f"{decision.lead_id}, answer {decision.sequence}, to event {decision.cause_event_id}",
        "verdict": decision.verdict.value + (f": {decision.reason}" if decision.reason else ""),
        "decided": f"{decision.decided_at:%Y-%m-%d %H:%M:%S} UTC, in state {decision.state}",
        "by": f"{decision.policy_id} {decision.policy_version}, {decision.mode}, table {decision.table_id}"
        f" at version {decision.table_version}, parameters {decision.parameters_version},"
        f" logic {decision.logic_version}",
    }
    facts |= _why(decision)
    if decision.action:
        facts["action"] = f"{decision.action} by {decision.channel or 'no channel'}"
    if decision.contact and decision.scheduled_for:
        why = f", moved by {', '.join(decision.contact.reasons)}" if decision.contact.reasons else ""
        facts["when"] = f"{decision.contact.local_time} ({decision.contact.time_zone}){why}"
    if decision.expires_at:
        facts["expires"] = f"{decision.expires_at:%Y-%m-%d %H:%M} UTC"
    for name, value in facts.items():
        console.print(f"{name:<10} {value}", markup=False, highlight=False, soft_wrap=True)
    if decision.actions:
        console.print(_actions(decision))
    if decision.brief:
        _print_brief(console, decision.brief)


def _why(decision: Decision) -> dict[str, str]:
    """What besides values and masks had a say."""
    facts = {}
    if decision.policy_id == RULES and decision.arm != RULES:
        facts["floor"] = "the state has too few visits for its values to count: the rules decided"
    if decision.exploration:
        drawn = "drawn among plausible actions" if decision.explored else "not drawn"
        facts["explored"] = f"{drawn}; {decision.exploration.rate:.0%} of decisions are"
    if decision.hint:
        settled = "and settled a near tie" if decision.hinted else "which settled nothing"
        facts["hint"] = f"the family's latest news suggests {decision.hint}, {settled}"
    if decision.override:
        facts["override"] = f"{decision.override}: a rule that no learned value can change"
    return facts


def _actions(decision: Decision) -> Table:
    table = Table("action", "value", "visits", "source", "bonus", "score", "probability", "why not")
    for each in sorted(decision.actions, key=lambda each: (not each.allowed, -(each.score or 0.0))):
        score = "-" if each.score is None else f"{each.score:.3f}"
        why_not = _why_not(each, decision)
        visits = f"{each.visits}+{each.pseudo_visits}"
        chances = f"{each.probability:.3f}"
        style = "bold green" if each.action == decision.action else "" if each.allowed else "dim"
        cells = (
            each.action,
            f"{each.q:.3f}",
            visits,
            each.source,
            f"{each.bonus:.3f}",
            score,
            chances,
            why_not,
        )
        table.add_row(*cells, style=style)
    return table


def _why_not(each: ActionVerdict, decision: Decision) -> str:
    if each.action == decision.action:
        return ""
    if each.reason:
        return sentence(each.reason)
    if each.probability and decision.explored:
        return "not drawn"
    return "another rule fits" if decision.policy_id == RULES else "a lower score"


def _print_brief(console: Console, brief: Brief) -> None:
    console.print(f"tone: {brief.tone}. {TEXTS.get(brief.timing, '')}", highlight=False)
    for directive in brief.directives:
        because = f"  [dim]({directive.signal})[/]" if directive.signal else ""
        console.print(f"  - {TEXTS.get(directive.id, directive.id)}{because}", highlight=False)
    console.print("prepare: " + ", ".join(_texts(brief.prepare) or ("nothing",)), highlight=False)
    console.print("avoid: " + ", ".join(_texts(brief.avoid)), highlight=False)


def _texts(ids: tuple[str, ...]) -> list[str]:
    return [TEXTS.get(each, each) for each in ids]
