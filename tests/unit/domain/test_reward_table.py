"""R1, R2: the table of rewards is complete, or says which line is wrong; so do presets, seeds and rules."""

from importlib.resources import files

import pytest

from domain.lines import line_of
from domain.presets import BadPreset
from domain.presets import parsed as presets_of
from domain.reward_table import OTHER, REQUIRED, REWARDS, BadRewards, parsed
from domain.seeds import BadSeeds
from domain.seeds import parsed as seeds_of

TEXT = files("domain").joinpath("rewards.toml").read_text("utf-8")
PRESETS = files("domain").joinpath("presets.toml").read_text("utf-8")


def test_r1_the_committed_table_prices_every_step() -> None:
    assert [(pair.from_status, pair.to_status) for pair in REWARDS.pairs] == list(REQUIRED)
    assert (REWARDS.version, REWARDS.declined, REWARDS.stalled, REWARDS.rejected) == (1, -1.0, -0.02, -0.2)


def test_r1_a_step_that_is_missing_is_named_with_its_line() -> None:
    less = TEXT.replace('[[step]]\nfrom = "trial"\nto = "enrolled"\nreward = 1.0\n', "")

    with pytest.raises(BadRewards, match=r"rewards.toml, line 7: no step prices trial to enrolled; add one"):
        parsed(less)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('to = "contacted"', 'to = "friend"', "the step at line 7 names no status: it must be one of new,"),
        ("reward = 0.4", 'reward = "much"', "the step at line 12: a reward must be a finite number"),
        ("reward = 0.4", "reward = nan", "the step at line 12: a reward must be a finite number"),
        ("reward = 0.4", "worth = 0.4", "the step at line 12 must have from, to and reward, and no more"),
        (
            "stalled =",
            "stuck =",
            r"line 58: \[other\] must have declined, opted_out, stalled, stopped, rejected",
        ),
        ("rejected = -0.2", "rejected = true", "line 63: rejected: a reward must be a finite number"),
        ("version = 1", "version = 0", "line 5: it needs a `version`, a whole number from 1"),
        ('from = "interested"\nto = "trial"', 'from = "new"\nto = "contacted"', "no step prices interested"),
    ],
)
def test_r1_what_is_wrong_is_said_with_its_line(before: str, after: str, said: str) -> None:
    assert before in TEXT
    with pytest.raises(BadRewards, match=said):
        parsed(TEXT.replace(before, after, 1))


def test_r1_two_prices_of_one_step_are_one_too_many() -> None:
    twice = TEXT.replace(
        "# What is no step", '[[step]]\nfrom = "new"\nto = "contacted"\nreward = 1.0\n\n# What'
    )

    with pytest.raises(BadRewards, match="two steps price new to contacted; keep one"):
        parsed(twice)


def test_r2_what_is_no_step_has_a_price_of_its_own() -> None:
    assert set(OTHER) == {"declined", "opted_out", "stalled", "stopped", "rejected"}


def test_l2_a_preset_with_a_negative_constant_is_refused_with_its_line() -> None:
    line = PRESETS.splitlines().index("ucb_c = 0.1") + 1
    with pytest.raises(
        BadPreset, match=f"presets.toml, line {line}: default.ucb_c must be a number, 0 or more"
    ):
        presets_of(PRESETS.replace("ucb_c = 0.1", "ucb_c = -0.1"))


def test_l2_a_preset_without_a_constant_is_refused_with_its_line() -> None:
    line = PRESETS.splitlines().index("[default]") + 1
    with pytest.raises(BadPreset, match=f"line {line}: default lacks floor_visits"):
        presets_of(PRESETS.replace("floor_visits = 20", ""))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("[rainy]\nnew = { wait = 0.4 }", r"\[rainy\], the line of new: a section is one of unreached,"),
        ("[neutral]\nfriend = { wait = 0.4 }", "a line names one of new,"),
        ("[neutral]\nnew = { sing = 0.4 }", "names sing: it must be one of warm_follow_up,"),
        ("[neutral]\nnew = { wait = inf }", "wait must have a finite number"),
    ],
)
def test_l4_a_seed_that_names_nothing_is_refused(table: str, said: str) -> None:
    with pytest.raises(BadSeeds, match=said):
        seeds_of(table, 1)


def test_a_line_is_found_by_section_and_key() -> None:
    text = "a = 1\n\n[one]\na = 2\n\n[[two]]\nb = 3\n"

    assert [line_of(text, "a"), line_of(text, "a", "one"), line_of(text, "b", "two")] == [1, 4, 7]
    assert [line_of(text, "", "two"), line_of(text, "missing", "one"), line_of(text, "missing")] == [6, 3, 1]
