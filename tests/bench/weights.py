"""What a lead weighs in the decider's memory: as objects, and as resident memory of a whole partition."""

import gc
import multiprocessing
import os
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields, is_dataclass
from datetime import tzinfo
from enum import Enum

import psutil

from decider.service import build as build_decider
from domain.states import Lead
from runtime.shelf import DUE, shelf_of
from runtime.state import Partition
from schemas.codec import decode, encode
from tests import given


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
    transform = build_decider(given.learned)
    shelf = shelf_of(transform)
    for number in range(leads):
        own = bytes(bytearray(records[number % len(records)]))
        shelf.restore(f"family-{number:07}", own, [(DUE, b"")])
    partition = Partition(transform, 0, dict, shelf)
    gc.collect()
    assert partition.count == leads
    return (process.memory_info().rss - before) / leads


def bytes_a_lead(partition: Partition[Lead], leads: int, sizes: Sequence[int]) -> dict[str, float]:
    """As its story left it, and as the changelog gives it back, by how many there are: flat, or something grows."""
    records = [encode("leads", partition.get(f"family-{number:07}")) for number in range(leads)]
    found = {"as lived, objects": weighed(partition, leads)}
    found["on the changelog"] = sum(map(len, records)) / leads
    for count in sizes:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as alone:
            found[f"restored, resident, {count:,}"] = alone.submit(resident, records, count).result()
    return found
