"""The rule engine's priorities as first values of a learning table (L2, L4); `seeds.toml` has them."""

import math
import tomllib
from importlib.resources import files

from domain.actions import ACTIONS
from domain.records import Seed
from domain.vocabulary import Bucket, Status


class BadSeeds(ValueError):
    """The table of seeds cannot be used; says where, and what is wrong with it."""


def seeds(pseudo_visits: int) -> tuple[Seed, ...]:
    """The seeds of this release, worth `pseudo_visits` each."""
    return parsed(files("domain").joinpath("seeds.toml").read_text("utf-8"), pseudo_visits)


def parsed(text: str, pseudo_visits: int) -> tuple[Seed, ...]:
    """The seeds of a table: a section a bucket, a line a status or several; raises BadSeeds."""
    return tuple(
        _seed(bucket, status, action, q, pseudo_visits)
        for bucket, lines in tomllib.loads(text).items()
        for statuses, actions in lines.items()
        for status in statuses.split()
        for action, q in actions.items()
    )


def _seed(bucket: str, status: str, action: str, q: object, pseudo_visits: int) -> Seed:
    where = f"seeds.toml, [{bucket}], the line of {status}"
    if bucket not in list(Bucket):
        raise BadSeeds(f"{where}: a section is one of {', '.join(Bucket)}")
    if status not in list(Status):
        raise BadSeeds(f"{where}: a line names one of {', '.join(Status)}")
    if action not in ACTIONS:
        raise BadSeeds(f"{where} names {action}: it must be one of {', '.join(ACTIONS)}")
    if isinstance(q, bool) or not isinstance(q, int | float) or not math.isfinite(q):
        raise BadSeeds(f"{where}: {action} must have a finite number")
    return Seed(f"{status}:{bucket}", action, float(q), pseudo_visits)
