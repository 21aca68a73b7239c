"""How many rejected records a service accepts before it stops rather than drain a topic (rule 16)."""

from dataclasses import dataclass

from runtime.errors import DeadLetterLimit


@dataclass(slots=True)
class Limit:
    """By consecutive count, and by share of the last window of records."""

    consecutive: int = 100
    window: int = 1000
    share: float = 0.2
    _row: int = 0
    _seen: int = 0
    _bad: int = 0

    def count(self, *, rejected: bool) -> None:
        """One record; raises DeadLetterLimit where a bad release is likelier than bad records."""
        self._seen, self._bad = self._seen + 1, self._bad + rejected
        self._row = self._row + 1 if rejected else 0
        if self._row >= self.consecutive:
            raise DeadLetterLimit(
                f"{self._row} records in a row were rejected; see the dead-letter topic's headers"
            )
        if self._seen >= self.window:
            if self._bad > self.share * self._seen:
                raise DeadLetterLimit(f"{self._bad} of {self._seen} records were rejected")
            self._seen = self._bad = 0
