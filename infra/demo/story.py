"""The written families: a file holds a few, each with its record, its events by day, and where its story ends."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

DAYS = 60
"""Event time of the whole story; its day 0 is so long before its end."""

RECORD = ("lead_id", "time_zone", "campaign_goal", "guardians", "children")


@dataclass(frozen=True, slots=True)
class Family:
    """One household: its record, the day and local time of it, what happens, and where it ends."""

    lead_id: str
    record: dict[str, Any]
    at: str
    events: tuple[dict[str, Any], ...]
    ends: dict[str, str]


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of a story at its times: when it took place, and when the academy's system was told.

    `number` is its place in the family's story, from which its event id is made.
    """

    told: datetime
    at: datetime
    lead_id: str
    number: int
    entry: dict[str, Any]


def families() -> tuple[Family, ...]:
    """Every family, file by file and as written."""
    listed = sorted(files("infra.demo.families").iterdir(), key=lambda file: file.name)
    texts = (file.read_text("utf-8") for file in listed if file.name.endswith(".toml"))
    return tuple(_family(entry) for text in texts for entry in tomllib.loads(text)["family"])


def moments(told: tuple[Family, ...], until: datetime) -> list[Moment]:
    """Every entry of these families up to `until`, in order of time.

    Each family has a second of its own, so that no two things happen at once and the order is the story's; second 0
    is left to what is due when contact hours begin.
    """
    first = (until.astimezone(UTC) - timedelta(days=DAYS)).date()
    found = [moment for second, family in enumerate(told, 1) for moment in _moments(family, first, second)]
    return sorted((moment for moment in found if moment.told <= until), key=lambda moment: moment.told)


def _family(entry: dict[str, Any]) -> Family:
    record = {name: entry[name] for name in RECORD}
    return Family(entry["lead_id"], record, entry["at"], tuple(entry["event"]), entry["ends"])


def _moments(family: Family, first: date, second: int) -> Iterator[Moment]:
    zone = ZoneInfo(family.record["time_zone"])

    def moment(written: str) -> datetime:
        """`"3 19:42"` is day 3 at that local time."""
        day, local = written.split()
        exact = time.fromisoformat(local).replace(second=second)
        return datetime.combine(first + timedelta(days=int(day)), exact, zone).astimezone(UTC)

    for number, entry in enumerate(({"at": family.at, "record": family.record}, *family.events)):
        said = {name: value for name, value in entry.items() if name not in ("at", "told")}
        at = moment(entry["at"])
        yield Moment(moment(entry.get("told", entry["at"])), at, family.lead_id, number, said)
