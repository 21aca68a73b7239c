"""`make eval-extraction`: reads the golden set with an adapter and scores each half, as tables and as JSON (E7)."""

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from domain.extraction import Extraction
from extractor.choosing import chosen
from extractor.offline_model import extract
from extractor.port import Model
from extractor.settings import ExtractorSettings, ProviderSettings
from tests.extraction import tables
from tests.extraction.fields import read
from tests.extraction.golden import HALVES, Golden, Half, golden
from tests.extraction.model import read_by
from tests.extraction.scores import Scores, as_json, scores
from tests.extraction.timing import cost

BUILD = Path("build/extraction")

NAMES = ("offline", "openai")
"""What can be scored; a model where `OPENAI_API_KEY` is set, at the settings of the extractor."""


def main(names: Iterable[str]) -> None:
    """Score what is named, or all that can be."""
    asked = list(names) or [name for name in NAMES if name == "offline" or _key_is_set()]
    for name in asked:
        if name not in NAMES:
            sys.exit(f"there is no adapter {name!r}; it is one of {', '.join(NAMES)}")
        if name == "openai" and not _key_is_set():
            sys.exit("OPENAI_API_KEY is not set: set it in the environment or in .env, or score offline")
        result = by_rules() if name == "offline" else by_model(_model())
        for found in result.halves:
            sys.stdout.write(tables.page(name, found))
        sys.stdout.write(result.cost)
        target = BUILD / f"{name}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(result.told, indent=2), "utf-8")
        sys.stdout.write(f"written to {target}\n")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Both halves, never put together: the rules may have been written looking at the open one."""

    halves: tuple[Scores, ...]
    cost: str
    told: dict[str, Any]


def by_rules() -> Evaluation:
    """The offline adapter; the time is that of both halves."""
    texts = {half: golden(half) for half in HALVES}
    said = {half: [extract(one.text, one.channel, one.direction) for one in texts[half]] for half in HALVES}
    spent = cost(extract, [one for half in HALVES for one in texts[half]])
    return _scored(texts, said, tables.costs(spent), asdict(spent))


def by_model(model: Model) -> Evaluation:
    """A model, each half asked once."""
    texts = {half: golden(half) for half in HALVES}
    said, bill = read_by(model, [one for half in HALVES for one in texts[half]])
    first = len(texts[HALVES[0]])
    halves = {HALVES[0]: said[:first], HALVES[1]: said[first:]}
    return _scored(texts, halves, tables.bill(bill), asdict(bill))


def _scored(
    texts: Mapping[Half, list[Golden]], said: Mapping[Half, list[Extraction[str]]], cost: str, spent: Any
) -> Evaluation:
    halves: list[Scores] = []
    told: dict[str, Any] = {}
    for half in HALVES:
        made = [read(one, heard) for one, heard in zip(texts[half], said[half], strict=True)]
        halves.append(scores(half, made))
        told[half] = as_json(halves[-1], made)
    return Evaluation(tuple(halves), cost, told | {"cost": spent})


def _key_is_set() -> bool:
    key = ProviderSettings().api_key
    return key is not None and bool(key.get_secret_value())


def _model() -> Model:
    model = chosen(ExtractorSettings(extractor="openai"), ProviderSettings()).model
    assert model is not None
    return model


if __name__ == "__main__":
    main(sys.argv[1:])
