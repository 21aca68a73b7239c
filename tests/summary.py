"""Runs every check one after the other, goes on after a failure, and ends with one summary."""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
LINT = {
    "format": ("ruff", "format", "--check", "--quiet", "."),
    "lint": ("ruff", "check", "--quiet", "."),
    "types": ("mypy",),
    "imports": ("lint-imports", "--no-logo"),
}
TWO = ("pytest", "-q", "-n", "2", "--dist")
"""Two processes, each with servers of its own: half of the time is spent waiting."""
TESTS = {
    "unit": (*TWO, "load", "tests/unit"),
    "integration": (*TWO, "loadfile", "tests/integration"),
    "acceptance": (*TWO, "loadgroup", "tests/acceptance"),
    "faults": ("pytest", "-q", "-m", "quick", "tests/faults"),
}


@dataclass(frozen=True, slots=True)
class Result:
    """One check: whether it passed, and how long it took."""

    name: str
    passed: bool
    seconds: float


def check(name: str, command: tuple[str, ...]) -> Result:
    """Run one check with its output shown."""
    print(f"== {name}: {' '.join(command)}", flush=True)
    begun = time.monotonic()
    passed = subprocess.run((str(BIN / command[0]), *command[1:]), check=False).returncode == 0
    return Result(name, passed, time.monotonic() - begun)


def main() -> int:
    """Every check, or those of `lint`; 0 if all passed."""
    checks = LINT if sys.argv[1:] == ["lint"] else LINT | TESTS
    results = [check(name, command) for name, command in checks.items()]
    print("\n== summary")
    for result in results:
        print(f"{'passed' if result.passed else 'FAILED':8}{result.name:14}{result.seconds:7.1f} s")
    failed = sum(not result.passed for result in results)
    print(f"checks: {len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
