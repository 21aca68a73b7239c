"""A file of changes is applied whole, or refused with the line and the mend."""

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from domain.parameters import Arm
from infra.policy_file import BadFile, with_file, with_rewards, with_rules
from tests import given

BEFORE = given.PARAMETERS


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "policy.toml"
    path.write_text(text)
    return path


def test_what_a_file_names_changes_and_the_rest_stays(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "ucb_c = 0.2\ncontacts_per_week = 3\n\n[exploration]\nrate = 0.05\n\n[experiment]\n"
        'id = "autumn"\nsalt = "2026-11"\narms = [{ policy_id = "rules", weight = 1 }, '
        '{ policy_id = "champion", weight = 2.5 }]\n',
    )

    after = with_file(BEFORE, path)

    assert (after.ucb_c, after.contacts_per_week, after.exploration.rate) == (0.2, 3, 0.05)
    assert after.exploration.width == BEFORE.exploration.width
    assert after.experiment is not None
    assert after.experiment.arms == (Arm("rules", 1.0), Arm("champion", 2.5))
    assert (
        replace(after, ucb_c=1.0, contacts_per_week=4, exploration=BEFORE.exploration, experiment=None)
        == BEFORE
    )


def test_an_empty_experiment_ends_the_one_that_runs(tmp_path: Path) -> None:
    running = with_file(
        BEFORE, written(tmp_path, '[experiment]\nid="a"\nsalt="b"\narms=[{policy_id="ucb",weight=1}]')
    )

    assert with_file(running, written(tmp_path, "[experiment]\n")).experiment is None
    assert with_file(running, written(tmp_path, "ucb_c = 0.3\n")).experiment == running.experiment


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = 1\n", "policy.toml, line 1: a is no parameter; `academy policy show` prints those there are"),
        ("\n\nalpha = 0.5\n", "line 3: alpha belongs to the learning table since its creation"),
        ('mode = "promoted"\n', "line 1: mode is set by `academy policy activate`"),
        ("version = 9\n", "line 1: version is no parameter"),
        ("[rewards]\nx = 1\n", "line 1: rewards has a file of its own: give it with --rewards"),
        ("ucb_c = 0.1\ncontacts_per_day = 0\n", "line 2: contacts_per_day must be 1 or more"),
        ("contact_from_hour = 22\n", "line 1: contact_from_hour must be before contact_until_hour"),
        ("max_attempts = 2.5\n", "line 1: max_attempts: Expected `int`, got `float`"),
        ("[exploration]\nrate = 1.5\n", "line 2: rate must be a share, 0 to 1"),
        ("[exploration]\nspeed = 1.5\n", "line 2: speed is no part of an exploration"),
        ("[exploration]\nrate = 'x'\n", "line 2: rate: Expected `float`, got `str`"),
        ('[experiment]\nid="a"\nsalt=""\narms=[{policy_id="ucb",weight=1}]', "line 2: id must have a name"),
        ('[experiment]\nid="a"\nsalt="b"\narms=[]', "line 4: arms must be one or more"),
        (
            '[experiment]\nid="a"\nsalt="b"\narms=[{policy_id="best",weight=1}]',
            "line 4: arms must each be ucb,",
        ),
        ("ucb_c = -1\n", "line 1: ucb_c must be 0 or more"),
        ("ucb_c = \n", "policy.toml is no TOML"),
    ],
)
def test_what_may_not_be_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadFile) as refused:
        with_file(BEFORE, written(tmp_path, text))

    assert said in str(refused.value)


def test_rules_and_rewards_come_whole_from_files_like_the_committed_ones(tmp_path: Path) -> None:
    rules = files("domain").joinpath("rules.toml").read_text("utf-8")
    rewards = files("domain").joinpath("rewards.toml").read_text("utf-8")

    assert len(with_rules(BEFORE, written(tmp_path, rules)).rules) == 22
    priced = with_rewards(BEFORE, written(tmp_path, rewards.replace("reward = 1.0", "reward = 2.0")))
    assert max(pair.reward for pair in priced.rewards.pairs) == 2.0
    with pytest.raises(BadFile, match=r"policy.toml, the rule at line 1 \(a\) names no action"):
        with_rules(BEFORE, written(tmp_path, '[[rule]]\nname = "a"\naction = "sing"\n'))
    with pytest.raises(BadFile, match=r"policy.toml, line 1: no step prices new to contacted"):
        with_rewards(BEFORE, written(tmp_path, "version = 1\n"))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"nowhere.toml cannot be read: FileNotFoundError"):
        with_file(BEFORE, tmp_path / "nowhere.toml")
