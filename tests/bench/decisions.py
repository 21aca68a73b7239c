"""What one decision costs part by part, how many transitions the learner folds, and what a lead weighs; no broker."""

import argparse
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from decider.service import build as build_decider
from domain.actions import ACTIONS, verdicts
from domain.buckets import bucket, named
from domain.decisions import decide
from domain.policies import Learned, Situation, select
from domain.q_learning import NO_VALUES, Values, fold
from domain.records import Transition
from domain.states import Lead
from domain.transitions import Cause
from domain.vocabulary import Bucket, Status
from learner.service import build as build_learner
from runtime.driver import Driver
from runtime.state import Partition
from runtime.transform import Message
from schemas.codec import decode, encode
from tests import given
from tests.bench.pace import Pace, pace
from tests.bench.story import story
from tests.bench.system import keep
from tests.bench.weights import bytes_a_lead

TARGETS = {"choice_us": 80, "full_decision_us": 300, "transitions_s": 20_000, "bytes_a_lead": 1_500}
"""At most so many microseconds and bytes, and at least so many transitions."""
ROUNDS = 9
"""Each part is timed so often; the middle one counts."""
BATCH = 20
"""Inputs of one commit of the decider."""
COMMIT = 500
"""Transitions of one commit of the learner."""
CHOICE = random.Random(7)  # noqa: S311 - the same order each time, no secret


@dataclass(frozen=True, slots=True)
class Moment:
    """A household after one input, and that input as the cause of what follows."""

    lead: Lead
    cause: Cause


def messages(leads: Iterable[int]) -> list[Message]:
    """The stories as the decider reads them: each family's first input, then each one's second."""
    turns = zip(*(tuple(story(number)) for number in leads), strict=True)
    events = (event for turn in turns for event in turn)
    return [
        Message("enriched", 0, offset, event.lead_id.encode(), encode("enriched", event), [], None)
        for offset, event in enumerate(events)
    ]


def played(told: Sequence[Message], learned: Learned) -> Partition[Lead]:
    """The whole of it as the loop does it, decode to changelog; the partition it leaves."""
    partition = Driver(build_decider(lambda: learned)).partition
    for count, message in enumerate(told, 1):
        assert partition.take(message)
        if count % BATCH == 0:
            list(partition.changes())
            partition.fold()
    return partition


def observed(told: Sequence[Message], learned: Learned) -> tuple[list[Moment], list[Transition]]:
    """Every household after each of its inputs, and what the decisions led to."""
    driver = Driver(build_decider(lambda: learned))
    moments, taught = [], []
    for message in told:
        written = driver.send_bytes(message.key, message.value)
        taught += [one.value for one in written if one.topic == "transitions"]
        event = decode("enriched", message.value or b"")
        lead = driver.partition.get(event.lead_id)
        assert lead is not None
        cause = Cause(event.cause_event_id, event.root_offset, event.recorded_at, event.occurred_at)
        moments.append(Moment(lead, cause))
    return moments, taught


def each_us(at: Pace, call: Callable[..., Any], given_each: Sequence[tuple[Any, ...]]) -> float:
    """CPU of one call, over all the arguments; the middle round."""

    def run() -> None:
        for arguments in given_each:
            call(*arguments)

    return median(at.cpu_s(run) for _ in range(ROUNDS)) / len(given_each) * 1e6


def decision_us(at: Pace, moments: Sequence[Moment], learned: Learned) -> dict[str, float]:
    """The parts of a decision."""
    p = learned.parameters
    masks = [(moment.lead, moment.cause.now, p) for moment in moments]
    situations = [
        (Situation(lead, bucket(lead, now, p), moment.cause.event_id, verdicts(lead, now, p)), learned)
        for moment, (lead, now, p) in zip(moments, masks, strict=True)
    ]
    asked = [(moment.lead, moment.cause, learned) for moment in moments]
    made = [decide(*each) for each in asked]
    found = {
        "masks_us": each_us(at, verdicts, masks),
        "select_us": each_us(at, select, situations),
        "decide_us": each_us(at, decide, asked),
        "encode_us": each_us(at, encode, [("decisions", decision) for decision in made]),
        "encode_lead_us": each_us(at, encode, [("leads", moment.lead) for moment in moments]),
    }
    found["choice_us"] = found["masks_us"] + found["select_us"]
    found["full_decision_us"] = found["decide_us"] + found["encode_us"]
    return found


def spread(taught: Sequence[Transition], count: int) -> list[Transition]:
    """The same transitions over all states and actions alike: no commit can coalesce less."""
    states = [named(status, about) for status in Status for about in Bucket]
    pairs = [(state, action) for action in ACTIONS for state in states]
    return [
        replace(taught[number % len(taught)], from_state=state, action=action)
        for number, (state, action) in zip(
            range(count), cycle(CHOICE.sample(pairs, len(pairs))), strict=False
        )
    ]


def learning(at: Pace, events: Sequence[Transition]) -> dict[str, float]:
    """Transitions a second through the learner's partition and through its arithmetic alone; rows of a commit."""
    told = [
        Message("transitions", 0, offset, b"default", encode("transitions", event), [], None)
        for offset, event in enumerate(events, 1)
    ]
    driver = Driver(build_learner())
    driver.send("default", given.TABLE)
    rows: list[int] = []
    through = sum(
        at.cpu_s(partial(_commit, driver.partition, told[start : start + COMMIT], rows))
        for start in range(0, len(told), COMMIT)
    )
    count = len(events)
    alone = each_us(at, folded, [(events[:COMMIT],)]) / 1e6 / min(COMMIT, count)
    return {"transitions_s": count / through, "fold_s": 1 / alone, "rows_a_transition": sum(rows) / count}


def _commit(partition: Partition[Values], told: Sequence[Message], rows: list[int]) -> None:
    """One commit of the learner; how many rows it writes is noted."""
    for message in told:
        assert partition.take(message)
    rows.append(len(list(partition.changes())) - 1)
    partition.fold()


def folded(events: Iterable[Transition]) -> Values:
    """The table after all of them, one commit."""
    table = fold(NO_VALUES, given.TABLE, 0)
    for version, event in enumerate(events, 1):
        table = fold(table, event, version)
    return table


def measured(leads: int, transitions: int, sizes: Sequence[int]) -> dict[str, Any]:
    """Everything, in one run and at one pace."""
    at = pace()
    told = messages(range(leads))
    _first, taught = observed(told, given.learned())
    learned = replace(given.learned(), values=folded(taught))
    moments, _taught = observed(told, learned)
    found = decision_us(at, moments, learned)
    found["input_us"] = each_us(at, played, [(told, learned)]) / len(told)
    found |= learning(at, spread(taught, transitions))
    repeated = [taught[number % len(taught)] for number in range(transitions)]
    found["rows_a_transition_of_the_stories"] = learning(at, repeated)["rows_a_transition"]
    weights = bytes_a_lead(played(told, learned), leads, sizes)
    found["bytes_a_lead"] = max(weights.values())
    return {**found, "weights": weights, "yardstick_ms": at.yardstick_s * 1e3}


def _target(name: str, value: float) -> str:
    if name not in TARGETS:
        return ""
    target = TARGETS[name]
    kept = value >= target if name == "transitions_s" else value <= target
    return f"{target:,}: {'kept' if kept else 'MISSED'}"


def main() -> None:
    """As a table and as build/bench/decisions.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=60)
    parser.add_argument("--transitions", type=int, default=20_000)
    parser.add_argument("--weighed", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    asked = parser.parse_args()
    found = measured(asked.leads, asked.transitions, asked.weighed)
    table = Table("figure", "measured", "target")
    for name, value in found.items():
        if isinstance(value, float):
            table.add_row(name, f"{value:,.2f}", _target(name, value))
    for name, weight in found["weights"].items():
        table.add_row(f"bytes a lead, {name}", f"{weight:,.0f}")
    Console(width=120).print(table)
    print(f"at the pace at which the yardstick takes {found['yardstick_ms']:.1f} ms: compare by it")
    keep("decisions", {**found, "targets": TARGETS})


if __name__ == "__main__":
    main()
