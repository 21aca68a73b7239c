"""How patient the supervisor is: every number of it, and the back-off between starts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Times in seconds."""

    # A crash by accident is over at once; a crash with a cause should not keep a core busy.
    first_pause: float = 0.25
    longest_pause: float = 30.0
    # Starts in a row that may fail to get ready before the rest is brought down.
    starts: int = 5
    # A child that was ready for so long had no trouble starting: its pauses begin anew.
    steady: float = 60.0
    # Between two questions to a child that is starting.
    probe: float = 0.1
    # Between two looks at children that are ready; an exit is noticed at once by the end of its output.
    idle: float = 1.0
    # The promise is 10 s from the signal to the end; what remains is for leaving Python.
    stop: float = 9.0
    # Of that, kept for the broker and the database, which close their files.
    stop_foundation: float = 3.5


def pause(crashes: int, pace: Pace) -> float:
    """Seconds before the next start after `crashes` >= 1 in a row, doubling from the first to the longest."""
    doublings = min(crashes - 1, 30)  # beyond, the power has long passed the longest pause
    return min(pace.first_pause * 2.0**doublings, pace.longest_pause)
