"""The last column of the demo's table: what forced, drew, ruled or scored an action."""

from dataclasses import replace
from typing import Any

from domain.records import Decision
from infra.demo.report import why
from tests import given
from tests.answers import on_lead


def decision(**changes: Any) -> Decision:
    made = on_lead(None, given.lead(), given.NOON, given.learned()).decision
    return replace(made, **changes)


def test_a_score_names_its_terms_and_the_runner_up() -> None:
    assert why(decision()) == "seeded 0.40 + bonus 0.74, before scheduling_push 1.05"


def test_an_override_names_its_rule() -> None:
    assert why(decision(override="opted_out")) == "rule: opted_out"


def test_the_rules_say_how_little_is_known() -> None:
    assert why(decision(policy_id="rules")) == "the rules; visits to the state: 0"


def test_only_a_draw_that_changed_something_is_called_one() -> None:
    drawn = tuple(
        replace(one, probability=0.004 if one.action == "wait" else 0.0) for one in decision().actions
    )

    assert why(decision(explored=True)) == why(decision())
    assert why(decision(explored=True, action="wait", actions=drawn)) == (
        "drawn among plausible actions, chance 0.004"
    )
