"""`make contract`: a system of its own, and as many questions to it as an hour allows; prints what contradicts."""

import argparse
import sys

import httpx

from tests.bench.system import folder, running
from tests.contract.asking import ask, tell


def main() -> None:
    """Exit code 1 where an answer is not as documented."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=500, help="generated requests of each route")
    asked = parser.parse_args()
    with folder() as place, running(place) as system:
        headers = {"Authorization": f"Bearer {system.token}"}
        with httpx.Client(base_url=system.status["api"], headers=headers, timeout=20) as client:
            done = ask(client, tell(client), place, f"--max-examples={asked.examples}")
    sys.stdout.write(done.stdout + done.stderr)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
