"""What tokens cost: a list of prices as data, and whole billionths of a dollar, so that sums are exact."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.errors import Misconfigured

LIST = Path(__file__).with_name("prices.toml")
NANOS = 1_000_000_000
"""Of a US dollar."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counts them; `cached` and `written` are parts of `input`."""

    input: int = 0
    cached: int = 0
    written: int = 0
    output: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input + other.input,
            self.cached + other.cached,
            self.written + other.written,
            self.output + other.output,
        )


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens of each kind, and how the model is asked; `version` names the list."""

    version: str = ""
    input: float = 0.0
    cached: float = 0.0
    written: float = 0.0
    output: float = 0.0
    effort: str | None = None
    temperature: float | None = None

    def nanos(self, used: Usage) -> int:
        """What a usage costs; a dollar for a million tokens is a thousand billionths for one."""
        plain = used.input - used.cached - used.written
        parts = (
            (plain, self.input),
            (used.cached, self.cached),
            (used.written, self.written),
            (used.output, self.output),
        )
        return round(sum(tokens * price * 1000 for tokens, price in parts))


def price_of(model: str, path: Path | None = None) -> Price:
    """The model's price in a list, `prices.toml` unless another file is given; no price where it is not on it.

    Raises Misconfigured for a file that is no price list.
    """
    name = path or LIST
    try:
        listed = tomllib.loads(name.read_text("utf-8"))
        entry = listed.get(model)
        return Price() if entry is None else _price(str(listed["version"]), entry)
    except (OSError, ValueError, TypeError, KeyError) as wrong:
        raise Misconfigured(
            f"{name} is no price list: {wrong}; it needs a `version`, and a table for each model "
            "with `input`, `cached`, `written` and `output`, as extractor/prices.toml has"
        ) from wrong


def _price(version: str, entry: Mapping[str, Any]) -> Price:
    kinds = ("input", "cached", "written", "output")
    costs = {kind: float(entry[kind]) for kind in kinds}
    if min(costs.values()) < 0:
        raise ValueError("a price is below nought")
    return Price(version, **costs, effort=entry.get("effort"), temperature=entry.get("temperature"))
