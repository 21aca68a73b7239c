"""What a function says of a word, kept, since language repeats itself."""

from collections.abc import Callable
from typing import TypeVar

Told = TypeVar("Told")

_LONGEST = 40  # characters of a word that is kept


class Memo(dict[str, Told]):
    """The answers of a pure function by word: asked with `[word]`, at the price of a look into a dictionary.

    It never holds more than `most`: when it is full it forgets all, so that odd words cannot fill it for good.
    """

    def __init__(self, of: Callable[[str], Told], most: int) -> None:
        super().__init__()
        self._of, self._most = of, most

    def __missing__(self, word: str) -> Told:
        told = self._of(word)
        if len(word) <= _LONGEST:
            if len(self) >= self._most:
                self.clear()
            self[word] = told
        return told
