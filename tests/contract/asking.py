"""Schemathesis over a running system: what it is given to ask with, and what it found."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

from ingest import examples
from tests.broker import eventually

SETTINGS = Path(__file__).with_name("schemathesis.toml")
SUBJECTS = ("decisions-decision", "inbox-interaction")
AFTER = "after"
LEFT_OUT = ("--exclude-path=/api/events", "--exclude-operation-id=lead_erasure")
"""A stream has no end, and after an erasure every other route about the household answers 410."""
Known = Mapping[str, Sequence[str]]
"""Ids that exist, by the name of the parameter that takes them; as `after` the place of an event that is applied."""


def tell(client: httpx.Client) -> Known:
    """Two households and what was said with them, from the document's own examples; the ids once all is decided."""
    for body in examples.LEADS.values():
        client.post("/api/leads", json=body).raise_for_status()
    told = [client.post("/api/interactions", json=body) for body in examples.INTERACTIONS.values()]
    places = [answer.raise_for_status().json() for answer in told]
    after = "interactions/{partition}/{offset}".format(**places[-1])

    def decided() -> httpx.Response | None:
        answer = client.get("/api/nba/lead-ada/history", headers={"Academy-After": after})
        return answer if answer.is_success else None

    history = eventually(decided, "the last interaction is decided on", 60).json()
    return {
        "lead_id": [body["lead_id"] for body in examples.LEADS.values()],
        "event_id": [place["event_id"] for place in places],
        "decision_id": [one["decision_id"] for one in history["items"]],
        "subject": SUBJECTS,
        AFTER: [after],
    }


def ask(
    client: httpx.Client, known: Known, folder: Path, *options: str
) -> "subprocess.CompletedProcess[str]":
    """Every check on every route that the running app documents; exit code 0 where nothing contradicts it."""
    settings = folder / "schemathesis.toml"
    dictionaries = "".join(
        f"[dictionaries.{name}]\nvalues = {json.dumps([*ids])}\n" for name, ids in known.items()
    )
    settings.write_text(f"{SETTINGS.read_text()}\n{dictionaries}")
    program = Path(sys.executable).with_name("schemathesis")
    token = client.headers["Authorization"].removeprefix("Bearer ")
    return subprocess.run(
        (program, f"--config-file={settings}", "run", f"{client.base_url}/openapi.json", *LEFT_OUT, *options),
        cwd=folder,
        env={**os.environ, "CONTRACT_TOKEN": token, "CONTRACT_AFTER": known[AFTER][0]},
        capture_output=True,
        text=True,
        check=False,
    )
