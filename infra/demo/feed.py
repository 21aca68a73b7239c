"""Plays written families as history that ends now: the same way in as HTTP, under a clock of its own."""

import tomllib
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from domain.events import Tick
from ingest.bodies import InteractionBody, LeadBody
from ingest.intake import TOPIC, Intake, Origin, accept_interaction, accept_lead
from runtime.global_table import end_offsets
from runtime.keys import Keyring
from runtime.outlet import Outlet, Written
from runtime.settings import Settings
from schemas.codec import encode, headers
from schemas.topics import TICK_KEY

HOUR = timedelta(hours=1)
ACK_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that a family's story puts at a time; `order` keeps a day's events as written."""

    at: datetime
    order: int
    body: dict[str, Any]
    is_lead: bool


def is_empty(settings: Settings) -> bool:
    """Whether nothing was ever recorded under this prefix."""
    return not any(end_offsets(settings, settings.topic(TOPIC)).values())


def moments(now: datetime) -> list[Moment]:
    """Every family's record and interactions, in order of time; what would lie ahead of now is left out."""
    story = tomllib.loads(files("infra").joinpath("demo", "families.toml").read_text())
    first = (now - timedelta(days=story["days"])).date()
    found: list[Moment] = []
    for family in story["family"]:
        zone = ZoneInfo(family["time_zone"])
        for entry in (family, *family.get("interaction", [])):
            day = first + timedelta(days=entry["day"])
            at = datetime.combine(day, time.fromisoformat(entry["time"]), zone).astimezone(UTC)
            if at <= now:
                found.append(Moment(at, len(found), _body(family, entry, at), entry is family))
    return sorted(found, key=lambda moment: (moment.at, moment.order))


def play(settings: Settings, outlet: Outlet, keys: Keyring, now: datetime) -> int:
    """Write the history with an hourly tick to every partition; returns how many events it has."""
    story = moments(now)
    waiting: list[Future[Written]] = []
    count = outlet.partitions(settings.topic(TOPIC))
    hours = iter(_hours(story[0].at, now))
    tick = next(hours)
    for moment in story:
        while tick <= moment.at:
            waiting += _tick(settings, outlet, tick, count)
            tick = next(hours)
        waiting.append(_write(settings, outlet, _intake(moment, keys)))
    for each in (tick, *hours):
        waiting += _tick(settings, outlet, each, count)
    for future in waiting:
        future.result(ACK_SECONDS)
    return len(story)


def _hours(first: datetime, now: datetime) -> Iterator[datetime]:
    at = first.replace(minute=0, second=0, microsecond=0) + HOUR
    while at < now:
        yield at
        at += HOUR
    yield now.replace(microsecond=0)


def _body(family: dict[str, Any], entry: dict[str, Any], at: datetime) -> dict[str, Any]:
    if entry is family:
        named = ("lead_id", "time_zone", "campaign_goal", "guardians", "children")
        return {name: family[name] for name in named}
    said = {name: value for name, value in entry.items() if name not in ("day", "time")}
    return {**said, "lead_id": family["lead_id"], "occurred_at": at.isoformat()}


def _intake(moment: Moment, keys: Keyring) -> Intake:
    origin = Origin("demo", f"{moment.body['lead_id']}/{moment.order}")
    if moment.is_lead:
        return accept_lead(LeadBody.model_validate(moment.body, strict=False), origin, moment.at, keys)
    body = InteractionBody.model_validate(moment.body, strict=False)
    return accept_interaction(body, origin, moment.at, keys)


def _write(settings: Settings, outlet: Outlet, intake: Intake) -> Future[Written]:
    return outlet.write(settings.topic(intake.topic), intake.key, intake.value, intake.headers)


def _tick(settings: Settings, outlet: Outlet, at: datetime, count: int) -> list[Future[Written]]:
    tick = Tick(at)
    value, said = encode(TOPIC, tick), headers(TOPIC, tick)
    return [
        outlet.write(settings.topic(TOPIC), TICK_KEY, value, said, partition) for partition in range(count)
    ]
