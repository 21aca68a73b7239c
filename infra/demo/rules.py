"""Which rules of the domain a story has shown, each counted where it can be seen in the records."""

from domain.q_learning import LATE
from domain.records import Decision, Transition
from domain.vocabulary import Verdict
from infra.demo.feed import Account


def seen(account: Account) -> dict[str, int]:
    """How often each rule was met, by its number."""
    decided = {one.cause_event_id: one for one in account.decisions}
    return {
        "S5": sum(
            one.kind == LATE and _corrected(decided[one.cause_event_id]) for one in account.transitions
        ),
        "S6": account.reviews.total(),
        "D5": sum(_unmoved(one, account) for one in account.decisions),
        "D7": sum(
            one.kind == LATE and not _corrected(decided[one.cause_event_id]) for one in account.transitions
        ),
        "R3": sum(_rejected(one, decided) for one in account.transitions),
    }


def kinds(account: Account) -> dict[str, int]:
    """How many transitions there are of each kind."""
    found = [one.kind for one in account.transitions]
    return {kind: found.count(kind) for kind in sorted(set(found))}


def answers(account: Account) -> dict[str, int]:
    """How many answers there are with each verdict."""
    found = [one.verdict.value for one in account.decisions]
    return {verdict: found.count(verdict) for verdict in sorted(set(found))}


def _corrected(decision: Decision) -> bool:
    """An operator put a misreading right: what it had taught is taken back."""
    return decision.verdict is Verdict.DECISION and decision.reason == "corrected"


def _unmoved(decision: Decision, account: Account) -> bool:
    """An input that neither moved a status nor closed a decision taught nothing."""
    if decision.verdict is not Verdict.NONE:
        return False
    return all(one.cause_event_id != decision.cause_event_id for one in account.transitions)


def _rejected(transition: Transition, decided: dict[str, Decision]) -> bool:
    """The state stays, the action is not among the next ones, and another decision answers at once."""
    answer = decided[transition.cause_event_id]
    stays = transition.kind == "rejection" and transition.to_state == transition.from_state
    return stays and transition.action not in transition.next_actions and answer.action != transition.action
