"""The figures: intervals on known numbers, paired comparison, tuning, and the page that they are written into."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.simulation import page
from analysis.simulation.built_in import BUILT_IN
from analysis.simulation.contenders import BASELINE, CONTENDERS, LEARNING, TUNED, Contender
from analysis.simulation.experiment import METRICS, Result, Row, Task, compared, run, tasks
from analysis.simulation.households import Outcome
from analysis.simulation.intervals import Interval, interval, t_quantile
from analysis.simulation.loading import loaded
from analysis.simulation.run import play
from analysis.simulation.tuning import ALTERNATIVES, TOGETHER, candidates, combined, pooled, present, tuning
from domain.presets import PRESETS
from tests.docs.console import commands
from tests.docs.parts import PAGES, ROOT

PAGE = ROOT / "docs" / "simulation.md"
SEED = CONTENDERS[1]


def outcome(enrolled: int = 50, reward: float = 10.0, **changes: int) -> Outcome:
    counts = {"enrolled_later": 20, "active": 30, "declined": 10, "contacts": 800, "decisions": 1000}
    return Outcome(families=100, enrolled=enrolled, reward=reward, **{**counts, **changes})


def result(contender: Contender, seed: int, of: Outcome, world: str = "mixed") -> Result:
    return Result(Task(world, contender, seed, 100), of)


def row(policy: str, reward: float, world: str = "mixed", half: float = 1.0) -> Row:
    return Row(world, policy, dict.fromkeys(METRICS, 1.0), dict.fromkeys(METRICS, Interval(reward, half)))


@pytest.mark.parametrize(
    ("freedom", "level", "expected"),
    [
        (1, 0.95, 12.7062),
        (2, 0.95, 4.3027),
        (3, 0.95, 3.1824),
        (4, 0.99, 4.6041),
        (9, 0.95, 2.2622),
        (19, 0.95, 2.0930),
        (30, 0.9, 1.6973),
        (120, 0.95, 1.9799),
    ],
)
def test_quantiles_are_those_of_the_printed_tables(freedom: int, level: float, expected: float) -> None:
    assert t_quantile(freedom, level) == pytest.approx(expected, abs=5e-5)


def test_an_interval_of_known_numbers() -> None:
    of = interval([1.0, 2.0, 3.0, 4.0, 5.0])

    assert of.mean == 3.0
    assert of.half == pytest.approx(1.9633, abs=1e-4)
    assert of.excludes_zero
    assert not interval([-1.0, 2.0, -3.0]).excludes_zero
    assert interval([2.0]) == Interval(2.0, None)
    assert not interval([2.0]).excludes_zero


def test_a_policy_is_compared_with_the_rules_of_the_same_seed() -> None:
    rules = [result(BASELINE, seed, outcome(enrolled=40 + 10 * seed)) for seed in range(3)]
    mine = [result(SEED, seed, outcome(enrolled=45 + 10 * seed, declined=5)) for seed in (2, 0, 1)]
    base, other = compared([*rules, *mine])

    assert (base.policy, other.policy) == ("rules", "seed")
    assert base.differences["enrolled"] == Interval(0.0, 0.0)
    assert other.means["enrolled"] == 55.0
    assert other.differences["enrolled"] == Interval(5.0, 0.0), "the spread between seeds is not the policy's"
    assert other.differences["declined"] == Interval(-5.0, 0.0)
    assert other.means["contacts"] == 8.0
    assert other.means["reward"] == pytest.approx(0.1)
    assert other.means["reward_per_decision"] == pytest.approx(0.01)
    assert other.means["enrolled_later"] == 40.0


def test_runs_in_several_processes_give_the_same_in_the_same_order() -> None:
    wanted = tasks(("mixed",), (BASELINE, SEED), 2, 3)
    found = list(run(wanted, 2))

    assert found == list(run(wanted, 1))
    assert [one.task for one in found] == list(wanted)


def test_over_several_worlds_a_seed_counts_once() -> None:
    def of(world: str, gap: int) -> list[Result]:
        rules = [result(BASELINE, seed, outcome(), world) for seed in range(2)]
        return [*rules, *(result(SEED, seed, outcome(enrolled=50 + gap), world) for seed in range(2))]

    rules, mine = pooled([*of("mixed", 4), *of("drift", 8)])

    assert (rules.policy, mine.policy, mine.world) == ("rules", "seed", "all")
    assert mine.differences["enrolled"] == Interval(6.0, 0.0)


def scored(**better: float) -> Sequence[Row]:
    """Every candidate at 1, but for those that are named."""
    return [
        row(one.name, better.get(one.name.replace(" ", "__").replace(".", "_"), 1.0)) for one in candidates()
    ]


def test_the_best_values_alone_are_tried_together() -> None:
    assert dict(combined(scored(ucb_c__0_03=1.5, ucb_c__0=1.2, floor_visits__60=2.0)).constants) == {
        "ucb_c": 0.03,
        "floor_visits": 60,
    }
    assert combined(scored()).constants == ()
    assert combined(scored(default=3.0, ucb_c__0=2.0)).constants == ()


def test_the_best_of_all_is_suggested_even_if_it_is_the_preset_itself() -> None:
    together = Contender(TOGETHER, LEARNING, (("ucb_c", 0.03), ("floor_visits", 60)))
    rows = [row("rules", 9.0), *scored(ucb_c__0_03=1.5), row(TOGETHER, 1.4)]

    assert tuning(rows, (*candidates(), together)).suggested == {"ucb_c": 0.03}
    better = [*rows[:-1], row(TOGETHER, 1.6)]
    assert tuning(better, (*candidates(), together)).suggested == {"ucb_c": 0.03, "floor_visits": 60}
    assert tuning([row("rules", 9.0), *scored(default=2.0)], candidates()).suggested == {}
    assert present() == {name: PRESETS[LEARNING][name] for name in ALTERNATIVES}
    assert tuning(better, (*candidates(), together)).contender == replace(together, name=TUNED)


def test_no_alternative_is_what_the_preset_has() -> None:
    assert all(PRESETS[LEARNING][name] not in values for name, values in ALTERNATIVES.items())


def test_a_difference_is_written_with_its_interval_and_bold_where_it_is_shown() -> None:
    assert page.difference(Interval(1.234, 0.5)) == "**+1.23 ± 0.50**"
    assert page.difference(Interval(-0.001, 0.5)) == "+0.00 ± 0.50"
    assert page.difference(Interval(-2.0, None)) == "-2.00"


def test_a_summary_counts_the_worlds_where_something_is_shown() -> None:
    rows = [row("rules", 0.0), row("seed", 3.0), row("seed", -3.0), row("seed", 0.5), row("default", 2.0)]
    lines = page.summary(rows).splitlines()

    assert lines[2].startswith("| `seed` | more in 1, less in 1 of 3 |")
    assert lines[3].startswith("| `default` | more in 1, less in 0 of 1 |")
    assert len(lines) == 4


def test_the_figures_are_written_between_their_marks_and_the_prose_stays(tmp_path: Path) -> None:
    copy = tmp_path / "page.md"
    copy.write_text(PAGE.read_text("utf-8"))
    found = page.parts([row("rules", 0.0), row("seed", 3.0)], tuning(scored(), candidates()), "Two seeds.\n")
    page.write(copy, found)
    once = copy.read_text()
    page.write(copy, found)

    assert copy.read_text() == once
    assert all(text in once for text in found.values())
    assert prose(once) == prose(PAGE.read_text("utf-8"))


def test_a_page_without_a_place_for_the_figures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(page.BadPage, match="must have a place for each of figures"):
        page.write(tmp_path / "none.md", {"figures": ""})


def prose(text: str) -> str:
    return re.sub(r"(?s)(<!-- made by `academy simulate --page`: \S+ -->).*?<!-- end -->", r"\1", text)


def test_the_page_has_every_built_in_world_and_the_figures_of_those_that_are_reported() -> None:
    text = PAGE.read_text("utf-8")

    assert page.worlds() in text
    for name, world in BUILT_IN.items():
        assert len(re.findall(rf"^\| `{name}` \| `(?:rules|seed|default)` ", text, re.MULTILINE)) == (
            0 if world.tuning else 3
        )
    assert all(f"| `{name}` |" in text for name in ALTERNATIVES)
    assert f"`{PAGE.relative_to(ROOT)}`" not in text
    assert PAGE in PAGES


def test_the_world_of_the_page_runs_as_it_stands_there(tmp_path: Path) -> None:
    found = re.search(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert found is not None
    (tmp_path / "shy.py").write_text(found[1])
    shown = [command.text for command in commands(PAGE) if "shy.py:Shy" in command.text]

    of = play(loaded(f"{tmp_path}/shy.py:Shy"), SEED, 1, 20)
    assert len(shown) == 1
    assert of.enrolled > 0
    assert of.declined > 0
    assert of.active > 0
