"""`academy replay`: whether the log's decisions come out again, byte for byte, from the record topics alone."""

from typing import Any

import msgspec
from rich.console import Console

from analysis.replay import Difference, Records, Report, differences, replay
from infra.cli.connect import broker
from infra.cli.screen import print_data, screen
from infra.cli.show import UnknownDecision
from infra.local.settings import LocalSettings
from runtime.checks import await_kafka
from runtime.lookback import messages
from runtime.settings import Settings

SHOWN = 5
"""Differing records that a person is shown; `--json` gives all."""


def replay_log(settings: LocalSettings, decision_id: str | None, prefix: str | None, *, as_json: bool) -> int:
    """Print what came out; 1 where a record differs. Raises UnknownDecision, Unreplayable or NotReady."""
    with broker(settings, prefix) as at:
        await_kafka(at)
        records = read(at)
    if decision_id is not None:
        records = records.of(_lead_of(records, decision_id))
    report = replay(records)
    if as_json:
        print_data(_facts(report))
    else:
        _print(screen(), report)
    return 1 if report.differing else 0


def read(settings: Settings) -> Records:
    """The record topics as they stand; what is answered is read before what it answers."""
    decisions, transitions, policies, enriched = (
        sorted(messages(settings, topic), key=lambda message: (message.partition, message.offset))
        for topic in ("decisions", "transitions", "policies", "enriched")
    )
    return Records(enriched, decisions, transitions, policies)


def _lead_of(records: Records, decision_id: str) -> str:
    wanted = ("event-id", decision_id.encode())
    found = (message.key for message in records.decisions if wanted in message.headers)
    key = next(found, None)
    if key is None:
        raise UnknownDecision(f"no decision {decision_id} on this log; ids are in `/api/nba/<lead>/history`")
    return key.decode()


def _facts(report: Report) -> dict[str, Any]:
    return {
        "alike": dict(report.alike),
        "differing": [
            {
                "topic": each.topic,
                "partition": each.partition,
                "offset": each.offset,
                "lead_id": each.lead_id,
                "fields": [
                    {"field": field, "recorded": recorded, "made": made}
                    for field, recorded, made in _fields(each)
                ],
            }
            for each in report.differing
        ],
        "other_logic": dict(report.other_logic),
        "waiting": report.waiting,
    }


def _print(console: Console, report: Report) -> None:
    for topic, count in sorted(report.alike.items()):
        console.print(f"{topic:<12} {count} alike, byte for byte", highlight=False)
    for version, count in sorted(report.other_logic.items()):
        console.print(f"{count} decisions are of logic {version} and were not compared", highlight=False)
    if report.waiting:
        console.print(
            f"{report.waiting} inputs have no answer: dead letters, or not handled yet", highlight=False
        )
    for each in report.differing[:SHOWN]:
        console.print(f"{each.topic}/{each.partition}/{each.offset} {each.lead_id} differs:", style="red")
        for field, recorded, made in _fields(each):
            line = f"  {field}: recorded {recorded!r}, made {made!r}"
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    if (more := len(report.differing) - SHOWN) > 0:
        console.print(f"and {more} more; `--json` gives all", highlight=False)


def _fields(each: Difference) -> list[tuple[str, Any, Any]]:
    recorded, made = (None if one is None else msgspec.to_builtins(one) for one in (each.recorded, each.made))
    return sorted(differences(recorded, made), key=lambda found: found[0])
