"""The exemplary alerts: every metric is counted, and every alert is told of, with what to do."""

import re
from typing import Any

import pytest
import yaml

from runtime.metrics import Metrics
from tests.docs.parts import ROOT

FILE = ROOT / "docs" / "alerts.rules.yml"
PAGE = ROOT / "docs" / "alerts.md"
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}
LABELS = {"le", "instance"}
"""Those that Prometheus and its client add."""


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(FILE.read_text("utf-8"))["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def counted() -> set[str]:
    """The names under which Prometheus has each metric."""
    families = Metrics().registry.collect()
    return {
        family.name + suffix
        for family in families
        if family.name.startswith("academy_")
        for suffix in SUFFIXES[family.type]
    }


def named(rule: dict[str, Any]) -> set[str]:
    return set(re.findall(r"\bacademy_\w+", rule["expr"]))


EACH = pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])


@EACH
def test_every_metric_of_an_alert_is_counted(rule: dict[str, Any]) -> None:
    assert named(rule)
    assert named(rule) - counted() == set()


@EACH
def test_an_alert_says_how_urgent_it_is_what_it_saw_and_where_to_read_on(rule: dict[str, Any]) -> None:
    page, _, anchor = rule["annotations"]["runbook"].partition("#")

    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"]["summary"]
    assert (ROOT / page, anchor) == (PAGE, rule["alert"].lower())


@EACH
def test_an_expression_is_closed_and_groups_by_labels_that_it_has(rule: dict[str, Any]) -> None:
    grouped = {
        label
        for labels in re.findall(r"\b(?:by|on) \(([\w, ]+)\)", rule["expr"])
        for label in labels.split(", ")
    }
    told = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))

    assert rule["expr"].count("(") == rule["expr"].count(")")
    assert grouped <= labels_of(rule) | LABELS
    assert told <= (grouped or labels_of(rule) | LABELS)


def labels_of(rule: dict[str, Any]) -> set[str]:
    """The labels of the metrics of an alert, as a sample of each would have them."""
    metrics = Metrics()
    metrics.handled("s", rejected=True)
    metrics.worked("s", 1.0)
    metrics.restoring("s", 1.0)
    metrics.committed("s", 1.0, 1)
    metrics.aborted("s")
    metrics.in_doubt("s")
    metrics.lag("g", "t", 1, 1.0)
    metrics.asked("s", "answered")
    return {
        label
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name in named(rule)
        for label in sample.labels
    }


def test_the_page_tells_of_every_alert_and_of_no_other() -> None:
    headings = re.findall(r"^## (.+)$", PAGE.read_text("utf-8"), re.MULTILINE)

    assert headings == [rule["alert"] for rule in rules()]
    assert len(set(headings)) > 8
