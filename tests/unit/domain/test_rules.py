"""L4: the rule engine is a table that a domain person can read, and covers what the seeds say."""

import pytest

from domain.actions import ACTIONS
from domain.rules import RULES, BadRules, parsed, ruled
from domain.seeds import seeds
from domain.vocabulary import Bucket, Status

OPEN: dict[str, str | None] = dict.fromkeys(ACTIONS)


def test_l4_there_are_twenty_two_rules_each_with_a_name_of_its_own() -> None:
    assert len(RULES) == 22
    assert len({rule.id for rule in RULES}) == 22


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.DECLINED])
@pytest.mark.parametrize("bucket", Bucket)
def test_l4_on_day_one_the_seeds_say_what_the_rules_do(status: Status, bucket: Bucket) -> None:
    worth: dict[str, float] = {}
    for seed in seeds(1):
        if seed.state == f"{status}:{bucket}":
            worth[seed.action] = seed.q
    if status is Status.ENROLLED:
        worth.pop("retention_check_in", None)
    refusals = {name: None if name in worth else "no" for name in ACTIONS}

    assert ruled(status, bucket, refusals) == max(worth, key=lambda name: worth[name])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_l4_every_rule_decides_somewhere(rule: object) -> None:
    """A rule that another always comes before is a mistake of the table."""
    first = [
        next(one for one in RULES if one.fits(status, bucket) and one.action not in refused)
        for status in Status
        for bucket in Bucket
        for refused in ((), ("channel_switch",), ("reschedule_offer",), ("channel_switch", "reschedule_offer"),
                        ("objection_address", "channel_switch", "reschedule_offer"))
    ]  # fmt: skip

    assert rule in first


def test_l4_a_masked_action_is_passed_over() -> None:
    refused = {**OPEN, "channel_switch": "failed_twice"}

    assert ruled(Status.NEW, Bucket.UNREACHED, OPEN) == "channel_switch"
    assert ruled(Status.NEW, Bucket.UNREACHED, refused) == "warm_follow_up"


def test_l4_where_no_rule_is_left_the_first_allowed_action_is_done() -> None:
    refusals: dict[str, str | None] = dict.fromkeys(ACTIONS, "no") | {"info_send": None}

    assert ruled(Status.ACTIVE, Bucket.NEUTRAL, refusals) == "info_send"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('name = "a"\naction = "cold_call"', "line 1 (a) names no action: it must be one of warm_follow_up"),
        ('name = "a"\nstatuses = ["lost"]\naction = "wait"', "names lost: it must be of new, contacted"),
        ('name = "a"\nbuckets = "quiet"\naction = "wait"', "names quiet: it must be of unreached"),
        ('name = "a"\nstatus = ["new"]\naction = "wait"', "not status"),
        ('action = "wait"', "without a name"),
    ],
)
def test_a_bad_rule_is_named_with_its_line(entry: str, said: str) -> None:
    with pytest.raises(BadRules) as wrong:
        parsed(f"[[rule]]\n{entry}\n")

    assert said in str(wrong.value)
