"""Keys in memory: the ones used last."""

import threading
from collections import OrderedDict

from schemas.sealed import Key


class Recent:
    """At most `size` keys; safe to share between threads."""

    def __init__(self, size: int) -> None:
        self._size, self._lock = size, threading.Lock()
        self._keys: OrderedDict[str, Key] = OrderedDict()

    def get(self, name: str) -> Key | None:
        """The key by its name, which may be a subject or an id."""
        with self._lock:
            if name in self._keys:
                self._keys.move_to_end(name)
            return self._keys.get(name)

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
            for name in [name for name, key in self._keys.items() if key.key_id == key_id]:
                del self._keys[name]

    def clear(self) -> None:
        """Without any."""
        with self._lock:
            self._keys.clear()
