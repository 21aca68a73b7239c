"""`academy demo`: sixty days of invented families, played under a prefix of its own, and what came of it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pydantic import SecretStr
from rich.table import Table

from infra.cli.connect import connected
from infra.cli.run import signals_interrupt
from infra.cli.screen import print_data, screen
from infra.demo import temporary
from infra.demo.feed import play
from infra.demo.report import facts
from infra.demo.stage import kafka_stage
from infra.demo.story import DAYS, families, moments
from infra.local.errors import NotRunningError
from infra.local.layout import Layout
from infra.local.settings import LocalSettings
from infra.local.stack import infrastructure
from infra.local.teller import Screen, Teller, Terminal
from runtime.checks import await_kafka

INTERRUPTED = 130
"""Exit code of a program that Ctrl-C ended, as shells have it."""
BAR = 30
"""Columns of the bar."""


def demo(settings: LocalSettings, until: datetime | None, *, keep: bool, as_json: bool) -> int:
    """Play, print, and remove everything again unless it is kept; 1 where a family is not where it should be."""
    terminal = Steps(Screen(stderr=True))
    try:
        with signals_interrupt(), _servers(settings, terminal) as at:
            found = _beside(temporary.settings_of(at), until or datetime.now(UTC), terminal, keep=keep)
    except KeyboardInterrupt:
        terminal.print("the demo was stopped" + ("" if keep else ", nothing of it is left"))
        return INTERRUPTED
    tell(found, as_json=as_json)
    return 0 if all(family["as_told"] for family in found["families"]) else 1


def _beside(settings: LocalSettings, until: datetime, terminal: Terminal, *, keep: bool) -> dict[str, Any]:
    """Under the demo's own prefix, with services of its own."""
    with (
        temporary.claimed(settings),
        temporary.prepared(settings, keep=keep),
        temporary.served(settings, terminal, keep=keep),
        terminal.step("sixty days of invented families"),
    ):
        return played(settings, until, terminal.say)


def played(settings: LocalSettings, until: datetime, say: Callable[[str], None]) -> dict[str, Any]:
    """The whole story, played to the services under these settings; `say` hears of each day."""
    told, begun = families(), time.monotonic()
    with kafka_stage(settings, [family.lead_id for family in told]) as (stage, keys):
        play(stage, moments(told, until), keys, until, partial(_day, until, say))
        return {**facts(stage, told, until), "seconds": round(time.monotonic() - begun, 1)}


def tell(found: dict[str, Any], *, as_json: bool) -> None:
    """Print what came of it."""
    if as_json:
        print_data(found)
        return
    console = screen()
    console.print(_families(found["families"]))
    console.print(_learned(found["learned"]))
    console.print(
        f"{sum(found['answers'].values())} answers in {found['seconds']} s, until {found['until']}, digest"
        f" {found['digest']}",
        highlight=False,
        soft_wrap=True,
    )


def _families(found: list[dict[str, Any]]) -> Table:
    table = Table(
        "lead", "status", "state", "decision", "when", "why", title="What the families' stories led to"
    )
    for one in found:
        status = one["status"] if one["consent"] == "contactable" else f"{one['status']}, {one['consent']}"
        when = (one["when"] or "-")[:16]
        table.add_row(one["lead"], status, one["state"], one["action"], when, one["why"])
    return table


def _learned(found: list[dict[str, Any]]) -> Table:
    table = Table(
        "state", "action", "seed", "now", "visits", title="What was learned: the values that changed most"
    )
    for one in found:
        table.add_row(
            one["state"], one["action"], f"{one['seed']:.2f}", f"{one['now']:+.3f}", str(one["visits"])
        )
    return table


@contextmanager
def _servers(settings: LocalSettings, teller: Teller) -> Iterator[LocalSettings]:
    """Those of the environment or of the system that runs; else both are started for as long as it takes."""
    try:
        at = connected(settings)
    except NotRunningError:
        with infrastructure(Layout.at(settings.data_dir), settings, teller) as addresses:
            yield settings.model_copy(
                update={"kafka": addresses.kafka, "postgres": SecretStr(addresses.postgres)}
            )
    else:
        await_kafka(at)
        yield at


def _day(until: datetime, say: Callable[[str], None], at: datetime) -> None:
    """The day of the story that is reached, as a bar and in words."""
    day = DAYS - (until - at).days
    bar = "━" * (day * BAR // DAYS)
    say(f"day {day:2} of {DAYS}  {bar:─<{BAR}}")


class Steps(Terminal):
    """Steps and progress on stderr; what the children say is in their log files."""

    def echo(self, name: str, line: str) -> None:
        """Leave it to the log file."""
