"""`academy costs`: what reading has cost, from the tokens and prices that each event records."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.table import Table

from extractor.costs import Costs, costs, monthly, total
from extractor.recorded import Read
from infra.cli.connect import broker
from infra.cli.screen import print_data, screen
from infra.local.settings import LocalSettings
from runtime.checks import await_kafka
from runtime.lookback import messages
from runtime.settings import Settings
from schemas.codec import decode

_COLUMNS = (
    *("interactions", "calls", "tokens in", "cached", "tokens out", "dollars", "per 1,000"),
    *("failures", "fallbacks"),
)


USUAL = ("day", "model")
DAYS = 14
"""So many days are told one by one where nobody asked for them; more are told by month."""


def show_costs(
    settings: LocalSettings, named: Sequence[str] | None, prefix: str | None, *, as_json: bool
) -> int:
    """Print the sums by some dimensions, and the total; 0, also where nothing was read yet."""
    by = named or USUAL
    with broker(settings, prefix) as at:
        await_kafka(at)
        found = costs(_read(at), by)
    whole = total(found.values())
    if as_json:
        rows = [{**dict(zip(by, place, strict=True)), **facts(each)} for place, each in found.items()]
        print_data({"by": list(by), "rows": rows, "total": facts(whole)})
    elif not found:
        screen().print(
            "nothing was read yet: `academy run` plays a history, POST /api/interactions tells more"
        )
    elif named is None and len({day for day, _model in found}) > DAYS:
        _print(("month", "model"), monthly(found, 0), whole)
        screen().print("by month; each day: academy costs --by day,model", highlight=False)
    else:
        _print(by, found, whole)
    return 0


def facts(sums: Costs) -> dict[str, Any]:
    """As `--json` has them; failures by their class."""
    return {
        "interactions": sums.interactions,
        "conversations": sums.conversations,
        "messages_of_conversations": sums.messages,
        "calls": sums.calls,
        "tokens_in": sums.tokens_in,
        "tokens_cached": sums.tokens_cached,
        "tokens_out": sums.tokens_out,
        "dollars": sums.dollars,
        "dollars_per_1000": sums.dollars_per_1000,
        "failures": dict(sorted(sums.failures.items())),
        "fallbacks": sums.fallbacks,
    }


def _read(settings: Settings) -> Iterator[Read]:
    for message in messages(settings, "enriched"):
        event = decode("enriched", message.value or b"")
        if isinstance(event, Read):
            yield event


def _print(by: Sequence[str], found: dict[tuple[str, ...], Costs], whole: Costs) -> None:
    table = Table(*by, *_COLUMNS)
    for place, each in found.items():
        table.add_row(*place, *_cells(each))
    table.add_section()
    table.add_row("all", *[""] * (len(by) - 1), *_cells(whole))
    screen().print(table)
    if not (whole.calls or whole.failures):
        screen().print("no model was asked: the rules read everything (ACADEMY_EXTRACTOR=offline)")
    if whole.conversations:
        share = f"{whole.conversations / whole.messages:.2f} a message"
        screen().print(
            f"by SMS {whole.messages:,} messages were read in {whole.conversations:,} conversations: {share}",
            highlight=False,
        )
    for failure, count in sorted(whole.failures.items()):
        screen().print(f"{failure}: {count}", highlight=False)


def _cells(sums: Costs) -> tuple[str, ...]:
    counts = (sums.interactions, sums.calls, sums.tokens_in, sums.tokens_cached, sums.tokens_out)
    money = (f"{sums.dollars:.6f}", f"{sums.dollars_per_1000:.4f}")
    return (*(f"{count:,}" for count in counts), *money, str(sums.failures.total()), str(sums.fallbacks))
