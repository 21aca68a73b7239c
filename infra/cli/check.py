"""`academy check`: whether the invariants hold over everything that the system has written down."""

from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from infra.cli.connect import broker
from infra.cli.screen import print_data, screen
from infra.invariants.catalogue import Result, check
from infra.invariants.reading import read
from infra.local.settings import LocalSettings
from runtime.checks import await_kafka

SHOWN = 5
"""Violations of one invariant that a person is shown; `--json` gives all."""


def check_invariants(settings: LocalSettings, prefix: str | None, *, as_json: bool) -> int:
    """Print what holds, and what cannot be told now; 1 where something does not hold.

    Raises NotReady where a topic cannot be read.
    """
    with broker(settings, prefix) as at:
        await_kafka(at)
        history = read(at)
    results = check(history)
    if as_json:
        print_data(_facts(results, history.waiting))
    else:
        _print(screen(), results, history.waiting)
    return 1 if any(result.violations for result in results) else 0


def _facts(results: list[Result], waiting: int) -> dict[str, Any]:
    return {
        "holds": not any(result.violations for result in results),
        "not_yet": waiting,
        "invariants": [
            {
                "invariant": result.invariant.name,
                "says": result.invariant.says,
                "looked": result.looked,
                "not_checked": result.unknown or None,
                "violations": [asdict(violation) for violation in result.violations],
            }
            for result in results
        ],
    }


def _print(console: Console, results: list[Result], waiting: int) -> None:
    table = Table("invariant", "what it says", "records", "violations")
    for result in results:
        count = len(result.violations)
        found = (str(result.looked), str(count)) if not result.unknown else ("-", "not checked")
        table.add_row(result.invariant.name, result.invariant.says, *found, style="red" if count else "")
    console.print(table)
    for result in results:
        if result.unknown:
            console.print(f"{result.invariant.name} was not checked: {result.unknown}", highlight=False)
    if waiting:
        console.print(
            f"{waiting} records are not committed by their reader yet: nothing must follow from them"
        )
    for result in results:
        for each in result.violations[:SHOWN]:
            where = f"{each.topic}/{each.partition}/{each.offset} {each.key}"
            console.print(
                f"{each.invariant} {where}: {each.what}", markup=False, highlight=False, soft_wrap=True
            )
        if (more := len(result.violations) - SHOWN) > 0:
            console.print(f"{result.invariant.name} and {more} more; `--json` gives all", highlight=False)
