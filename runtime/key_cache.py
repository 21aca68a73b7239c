"""Keys in memory: the ones used last."""

import threading
from collections import OrderedDict
from contextlib import suppress

from schemas.sealed import Key


class Recent:
    """At most `size` keys; safe to share between threads.

    Looking one up takes no lock: each call of an OrderedDict with plain strings is whole under the interpreter's own
    lock, and many threads that prepare a batch would queue up at another.
    """

    def __init__(self, size: int) -> None:
        self._size, self._lock = size, threading.Lock()
        self._keys: OrderedDict[str, Key] = OrderedDict()

    def get(self, name: str) -> Key | None:
        """The key by its name, which may be a subject or an id."""
        key = self._keys.get(name)
        if key is not None:
            with suppress(KeyError):  # it has just gone
                self._keys.move_to_end(name)
        return key

    def put(self, name: str, key: Key) -> None:
        """Keep it; the one that was not used for longest goes."""
        with self._lock:
            self._keys[name] = key
            self._keys.move_to_end(name)
            if len(self._keys) > self._size:
                self._keys.popitem(last=False)

    def drop(self, key_id: str) -> None:
        """Without this key; rare, so that it may look at every one."""
        with self._lock:
            for name in [name for name, key in list(self._keys.items()) if key.key_id == key_id]:
                del self._keys[name]

    def clear(self) -> None:
        """Without any."""
        with self._lock:
            self._keys.clear()
