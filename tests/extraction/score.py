"""`make eval-extraction`: reads the golden set with an adapter and scores each half, as tables and as JSON."""

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from extractor.offline_model import extract
from tests.extraction import tables
from tests.extraction.fields import read
from tests.extraction.golden import HALVES, Golden, golden
from tests.extraction.scores import Scores, as_json, scores
from tests.extraction.timing import Adapter, Cost, cost

ADAPTERS: dict[str, Adapter] = {"offline": extract}
"""What can be scored, by the name that the command takes."""

BUILD = Path("build/extraction")


def main(names: Iterable[str]) -> None:
    """Score the adapters of these names, all of them if none is given."""
    for name in list(names) or list(ADAPTERS):
        if name not in ADAPTERS:
            sys.exit(f"there is no adapter {name!r}; it is one of {', '.join(ADAPTERS)}")
        result = evaluate(ADAPTERS[name])
        for found in result.halves:
            sys.stdout.write(tables.page(name, found))
        sys.stdout.write(tables.costs(result.cost))
        target = BUILD / f"{name}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(result.told, indent=2), "utf-8")
        sys.stdout.write(f"written to {target}\n")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Both halves, never put together: the rules may have been written looking at the open one."""

    halves: tuple[Scores, ...]
    cost: Cost
    told: dict[str, Any]


def evaluate(adapter: Adapter) -> Evaluation:
    """Read and score both halves; the time is of both."""
    halves: list[Scores] = []
    told: dict[str, Any] = {}
    everything: list[Golden] = []
    for half in HALVES:
        texts = golden(half)
        made = [read(one, adapter(one.text, one.channel, one.direction)) for one in texts]
        found = scores(half, made)
        halves.append(found)
        told[half] = as_json(found, made)
        everything += texts
    spent = cost(adapter, everything)
    return Evaluation(tuple(halves), spent, told | {"cost": asdict(spent)})


if __name__ == "__main__":
    main(sys.argv[1:])
