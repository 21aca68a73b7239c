"""What one decision costs part by part, how many transitions the learner folds, and what a lead weighs; no broker."""

import argparse
import gc
import multiprocessing
import os
import random
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import tzinfo
from enum import Enum
from itertools import cycle
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from decider.service import build as build_decider
from domain.actions import ACTIONS, verdicts
from domain.buckets import bucket, named
from domain.decisions import Answer, decide
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
from tests.bench.story import story
from tests.bench.system import keep

TARGETS = {"choice_us": 80, "full_decision_us": 300, "transitions_s": 20_000, "bytes_a_lead": 1_500}
"""At most so many microseconds and bytes, and at least so many transitions."""
ROUNDS = 3
"""Each part is timed so often, the best counts: others disturb it, nothing makes it faster than it is."""
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


def played(told: Sequence[Message], learned: Learned) -> tuple[float, Partition[Lead]]:
    """CPU of the whole of it as the loop does it, decode to changelog; and the partition it leaves."""
    partition = Driver(build_decider(lambda: learned)).partition
    begun = time.process_time()
    for count, message in enumerate(told, 1):
        assert partition.take(message)
        if count % BATCH == 0:
            list(partition.changes())
            partition.fold()
    return time.process_time() - begun, partition


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


def each_us(call: Callable[..., Any], given_each: Sequence[tuple[Any, ...]]) -> float:
    """CPU of one call, over all the arguments; the best round."""
    best = float("inf")
    for _ in range(ROUNDS):
        begun = time.process_time()
        for arguments in given_each:
            call(*arguments)
        best = min(best, time.process_time() - begun)
    return best / len(given_each) * 1e6


def decision_us(moments: Sequence[Moment], learned: Learned) -> dict[str, float]:
    """The parts of a decision; overridden ones are left out, for they choose nothing."""
    p = learned.parameters
    masks = [(at.lead, at.cause.now, p) for at in moments]
    situations = [
        (Situation(lead, bucket(lead, now, p), at.cause.event_id, verdicts(lead, now, p)), learned)
        for at, (lead, now, p) in zip(moments, masks, strict=True)
    ]
    asked = [(at.lead, at.cause, learned) for at in moments]
    answers: list[Answer] = [decide(*each) for each in asked]
    found = {
        "masks_us": each_us(verdicts, masks),
        "select_us": each_us(select, situations),
        "decide_us": each_us(decide, asked),
        "encode_us": each_us(encode, [("decisions", answer.decision) for answer in answers]),
        "encode_lead_us": each_us(encode, [("leads", answer.lead) for answer in answers]),
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


def learning(events: Sequence[Transition]) -> dict[str, float]:
    """Transitions a second through the learner's partition and through its arithmetic alone; rows of a commit."""
    values = [encode("transitions", event) for event in events]
    driver = Driver(build_learner())
    driver.send("default", given.TABLE)
    partition, rows, begun = driver.partition, 0, time.process_time()
    for offset, value in enumerate(values, 1):
        assert partition.take(Message("transitions", 0, offset, b"default", value, [], None))
        if offset % COMMIT == 0:
            rows += len(list(partition.changes())) - 1
            partition.fold()
    through = time.process_time() - begun
    begun = time.process_time()
    folded(events)
    alone = time.process_time() - begun
    count = len(events)
    return {"transitions_s": count / through, "fold_s": count / alone, "rows_a_transition": rows / count}


def folded(events: Iterable[Transition]) -> Values:
    """The table after all of them, one commit."""
    table = fold(NO_VALUES, given.TABLE, 0)
    for version, event in enumerate(events, 1):
        table = fold(table, event, version)
    return table


def weighed(partition: Partition[Lead], leads: int) -> float:
    """Bytes of all objects that so many households hold and share with nothing else, by `sys.getsizeof`."""
    seen: set[int] = set()
    held = sum(_sizes(partition.get(f"family-{number:07}"), seen) for number in range(leads))
    return held / leads


def _sizes(value: object, seen: set[int]) -> int:
    """An object and what it refers to, once each; the allocator rounds up to 16 bytes."""
    if value is None or isinstance(value, Enum | tzinfo | bool) or id(value) in seen:
        return 0
    seen.add(id(value))
    inside: Iterable[object] = ()
    if isinstance(value, dict):
        inside = (*value, *value.values())
    elif isinstance(value, tuple):
        inside = value
    elif is_dataclass(value):
        inside = (getattr(value, each.name) for each in fields(value))
    own = -(-sys.getsizeof(value) // 16) * 16
    return own + sum(_sizes(one, seen) for one in inside)


def resident(records: Sequence[bytes], leads: int) -> float:
    """Resident bytes of a lead in a process of its own, a whole partition restored from the changelog."""
    encode("leads", decode("leads", records[0]))
    gc.collect()
    process = psutil.Process(os.getpid())
    before = process.memory_info().rss
    states = {f"family-{n:07}": decode("leads", records[n % len(records)]) for n in range(leads)}
    partition = Partition(build_decider(given.learned), 0, dict, states)
    gc.collect()
    assert partition.count == leads
    return (process.memory_info().rss - before) / leads


def bytes_a_lead(
    told: Sequence[Message], leads: int, sizes: Sequence[int], learned: Learned
) -> dict[str, float]:
    """As its story left it, and as the changelog gives it back, by how many there are: flat, or something grows."""
    partition = played(told, learned)[1]
    records = [encode("leads", partition.get(f"family-{number:07}")) for number in range(leads)]
    found = {"as lived, objects": weighed(partition, leads)}
    found["on the changelog"] = sum(map(len, records)) / leads
    for count in sizes:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as alone:
            found[f"restored, resident, {count:,}"] = alone.submit(resident, records, count).result()
    return found


def yardstick_s() -> float:
    """CPU of five million multiplications: how fast this machine is just now."""
    begun = time.process_time()
    for number in range(5_000_000):
        number * 3
    return time.process_time() - begun


def measured(leads: int, transitions: int, sizes: Sequence[int]) -> dict[str, Any]:
    """Everything, in one run."""
    yardstick = yardstick_s()
    told = messages(range(leads))
    _first, taught = observed(told, given.learned())
    learned = replace(given.learned(), values=folded(taught))
    moments, _taught = observed(told, learned)
    found = decision_us(moments, learned)
    found["input_us"] = min(played(told, learned)[0] for _ in range(ROUNDS)) / len(told) * 1e6
    found |= learning(spread(taught, transitions))
    repeated = [taught[number % len(taught)] for number in range(transitions)]
    found["rows_a_transition_of_the_stories"] = learning(repeated)["rows_a_transition"]
    weights = bytes_a_lead(told, leads, sizes, learned)
    found["bytes_a_lead"] = max(weights.values())
    return {**found, "weights": weights, "yardstick_s": min(yardstick, yardstick_s())}


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
    print(
        f"five million multiplications took {found['yardstick_s']:.2f} s here: compare by it, or in one run"
    )
    keep("decisions", {**found, "targets": TARGETS})


if __name__ == "__main__":
    main()
