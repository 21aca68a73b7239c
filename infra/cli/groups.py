"""`academy groups`: who reads what, how far behind, and for how long."""

from dataclasses import asdict

from rich.table import Table

from infra.cli.connect import connected
from infra.cli.screen import print_data, screen
from infra.groups import Group, groups
from infra.local.settings import LocalSettings
from runtime.checks import await_kafka


def show_groups(settings: LocalSettings, prefix: str | None, *, as_json: bool) -> int:
    """Print every group; raises NotRunningError and NotReady."""
    at = connected(settings, prefix)
    await_kafka(at)
    found = groups(at)
    if as_json:
        print_data([_facts(group) for group in found])
        return 0
    table = Table("group", "state", "copies", "source", "partitions", "lag", "behind")
    for group in found:
        for topic in dict.fromkeys(place.topic for place in group.places):
            table.add_row(*_cells(group, topic))
    screen().print(table)
    return 0


def _facts(group: Group) -> dict[str, object]:
    places = [{**asdict(place), "lag": place.lag} for place in group.places]
    return {**asdict(group), "places": places}


def _cells(group: Group, topic: str) -> tuple[str, ...]:
    mine = [place for place in group.places if place.topic == topic]
    ages = [place.behind_s for place in mine if place.behind_s is not None]
    behind = f"{max(ages):.1f} s" if ages else "-"
    lag = sum(place.lag for place in mine if place.behind_s is not None)
    return group.name, group.state, str(len(group.members)), topic, str(len(mine)), str(lag), behind
