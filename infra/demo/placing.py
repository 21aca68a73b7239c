"""Which partition a key goes to, as every client of the topics places it."""

from collections.abc import Iterable

_M, _SEED, _ALL = 0x5BD1E995, 0x9747B28C, 0xFFFFFFFF


def quiet(keys: Iterable[str], count: int) -> int:
    """A partition that none of these keys goes to, else the last one."""
    taken = {placed(key, count) for key in keys}
    return next((number for number in range(count) if number not in taken), count - 1)


def placed(key: str, count: int) -> int:
    """The key's partition of so many: murmur2, the hash of Kafka's own producer."""
    return (_murmur2(key.encode()) & 0x7FFFFFFF) % count


def _murmur2(data: bytes) -> int:
    whole = len(data) - len(data) % 4
    found = _SEED ^ len(data)
    for start in range(0, whole, 4):
        word = int.from_bytes(data[start : start + 4], "little") * _M & _ALL
        found = (found * _M & _ALL) ^ ((word ^ word >> 24) * _M & _ALL)
    if rest := data[whole:]:
        found = (found ^ int.from_bytes(rest, "little")) * _M & _ALL
    found = (found ^ found >> 13) * _M & _ALL
    return found ^ found >> 15
