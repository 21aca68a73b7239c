"""Exploration among plausible actions with known probabilities (P3)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.actions import STOP
from domain.chance import draw, pick
from domain.parameters import Exploration
from domain.q_learning import Row


@dataclass(frozen=True, slots=True)
class Draw:
    """The action, whether it was drawn, and the exact probability of each action that had one."""

    action: str
    explored: bool
    probabilities: Mapping[str, float]


def drawn(
    greedy: str, open_actions: Sequence[str], rows: Mapping[str, Row], how: Exploration, of: str
) -> Draw:
    """The greedy action, or for a share of decisions another plausible one; `of` is the decision's id."""
    known, unknown = plausible(open_actions, rows, how.width)
    if how.rate <= 0.0 or not (known or unknown):
        return Draw(greedy, explored=False, probabilities={greedy: 1.0})
    wide = [*known, *unknown]
    share = how.unseeded if known and unknown else float(not known)
    chances = dict.fromkeys(open_actions, 0.0)
    chances[greedy] = 1.0 - how.rate
    for actions, weight in ((known, 1.0 - share), (wide, share)):
        for action in actions if weight else ():
            chances[action] += how.rate * weight / len(actions)
    if draw(how.seed, "explore", of) >= how.rate:
        return Draw(greedy, explored=False, probabilities=chances)
    pool = wide if draw(how.seed, "unseeded", of) < share else known
    action = pool[pick(how.seed, "action", of, len(pool))]
    return Draw(action, explored=True, probabilities=chances)


def plausible(
    open_actions: Sequence[str], rows: Mapping[str, Row], width: float
) -> tuple[list[str], list[str]]:
    """The actions that may be the best as far as is known, and those of which nothing is known; never `stop`.

    An action is plausible where Q + w reaches the best action's Q - w, with w = width / sqrt(visits).
    """
    candidates = [name for name in open_actions if name != STOP]
    known = [name for name in candidates if visits(rows[name])]
    unknown = [name for name in candidates if not visits(rows[name])]
    if not known:
        return [], unknown
    best = max(known, key=lambda name: rows[name].q)
    least = rows[best].q - _radius(rows[best], width)
    return [name for name in known if rows[name].q + _radius(rows[name], width) >= least], unknown


def visits(row: Row) -> int:
    """Real visits and what the seed is worth (L3)."""
    return row.visits + row.pseudo_visits


def _radius(row: Row, width: float) -> float:
    return width / math.sqrt(visits(row))
