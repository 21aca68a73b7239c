"""Reads back everything that an engine committed: one output an input, each key's in order, the right bytes."""

from collections import defaultdict

from runtime.lookback import messages
from runtime.settings import Settings
from schemas.codec import decode
from tests.bench.peers.events import KEYS, Answered, Kept, answered, kept, told

EACH = 97
"""Every so many keys are decoded and computed anew, record by record."""
BYTES = (515, 525)
"""An output's size on average."""
MASK = (1 << 64) - 1


def checked(settings: Settings, topic: str, records: int) -> int:
    """The sum of the hashes of all outputs, which no order changes; raises where one of them is wrong."""
    sequences: dict[bytes, int] = defaultdict(int)
    sampled: dict[str, list[Answered]] = {f"lead-{number:07}": [] for number in range(0, KEYS, EACH)}
    digest = size = 0
    for message in messages(settings, topic):
        key, value = message.key or b"", message.value or b""
        sequence = _sequence(value)
        if sequence != sequences[key] + 1:
            raise RuntimeError(f"{topic}: {key!r} has {sequence} after {sequences[key]}")
        sequences[key] = sequence
        digest, size = digest + hash(value) & MASK, size + len(value)
        if (lead := key.decode()) in sampled:
            sampled[lead].append(decode("answered", value))
    wanted = {f"lead-{number:07}".encode(): len(range(number, records, KEYS)) for number in range(KEYS)}
    if dict(sequences) != {key: count for key, count in wanted.items() if count}:
        raise RuntimeError(f"{topic}: {sum(sequences.values()):,} outputs, {records:,} inputs")
    if not BYTES[0] <= size / records <= BYTES[1]:
        raise RuntimeError(f"{topic}: {size / records:.0f} bytes an output")
    for lead, found in sampled.items():
        _compare(lead, found, records)
    return digest


def _compare(lead: str, found: list[Answered], records: int) -> None:
    state = Kept()
    for number, answer in zip(range(int(lead[-7:]), records, KEYS), found, strict=True):
        event = told(number)
        state = kept(state, event)
        if answer != answered(state, event, answer.root_offset):
            raise RuntimeError(f"{lead}: the answer to {event.event_id} is another one")


def _sequence(value: bytes) -> int:
    """The first field: Avro's long behind the frame."""
    number = shift = 0
    for byte in value[5:15]:
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
    return number >> 1
