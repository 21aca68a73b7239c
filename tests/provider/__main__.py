"""`python -m tests.provider --latency 0.3`: the provider as a process of its own, until its input ends."""

import argparse
import sys
from collections import deque

from tests.provider.stub import Provider


def main() -> None:
    """Print the base URL, and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    latency = parser.parse_args().latency
    with Provider(latency_seconds=latency, asked=deque(maxlen=1), keys=deque(maxlen=1)).served() as address:
        sys.stdout.write(f"{address}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
