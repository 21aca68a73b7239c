"""An operator's day over HTTP alone: a new family, a call, a rejection, a reminder, an enrolment, and being forgotten.

Each step is read back by `Academy-After`; at the end no word of the family stands anywhere.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from schemas.codec import decode
from tests.acceptance.conftest import System
from tests.broker import eventually

pytestmark = pytest.mark.xdist_group("composed")

LEAD = "day-1"
WORDS = {
    "mother": "Thessaly Wintergreen",
    "father": "Ambrose Wintergreen",
    "child": "Peridot Wintergreen",
    "phone": "+1 773 555 0164",
    "email": "thessaly@wintergreen.example",
    "said": "the marzipan lessons of my cousin Eglantine",
    "reason": "Thessaly asked Coach Bram for a call on a Tuesday",
    "note": "Ask whether Eglantine comes along",
}
HOUSEHOLD = {
    "lead_id": LEAD,
    "time_zone": "America/Chicago",
    "guardians": [
        {"guardian_id": "g1", "name": WORDS["mother"], "phone": WORDS["phone"], "email": WORDS["email"]},
        {"guardian_id": "g2", "name": WORDS["father"]},
    ],
    "children": [{"child_id": "c1", "name": WORDS["child"], "age": 9}],
}


def call(guardian: str, words: str) -> dict[str, Any]:
    return {
        "lead_id": LEAD,
        "channel": "voice",
        "direction": "outbound",
        "outcome": "completed",
        "occurred_at": datetime.now(UTC).isoformat(),
        "guardian_id": guardian,
        "transcript": f"Coach Bram: Hello, this is Bram.\nParent: {words}",
    }


@dataclass
class Desk:
    """An operator's client; what is read after a write shows what came of it."""

    client: httpx.Client
    after: str = ""

    def tell(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._told(self.client.post(path, json=body))

    def forget(self, path: str) -> dict[str, Any]:
        return self._told(self.client.delete(path))

    def see(self, path: str) -> dict[str, Any]:
        answer = self.ask(path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def ask(self, path: str) -> httpx.Response:
        def answered() -> httpx.Response | None:
            answer = self.client.get(path, headers={"Academy-After": self.after})
            return None if answer.status_code == 503 else answer

        found: httpx.Response = eventually(answered, f"{path} after {self.after}")
        return found

    def _told(self, answer: httpx.Response) -> dict[str, Any]:
        assert answer.status_code == 202, answer.text
        told: dict[str, Any] = answer.json()
        self.after = f"interactions/{told['partition']}/{told['offset']}"
        return told


@pytest.fixture
def desk(system: System) -> Any:
    with system.client() as client:
        yield Desk(client)


def test_an_operators_day_from_a_new_family_to_its_erasure(system: System, desk: Desk) -> None:
    first = _a_call_brings_a_decision(desk)
    _a_rejection_brings_another(desk, first)
    _a_reminder_fires(desk)
    _an_enrolment_moves_the_status(desk)
    _one_person_is_forgotten(desk)
    _all_are_forgotten(desk)
    _nothing_of_them_is_left(system, desk)


def _a_call_brings_a_decision(desk: Desk) -> dict[str, Any]:
    desk.tell("/api/leads", HOUSEHOLD)
    assert desk.see(f"/api/leads/{LEAD}")["record"]["guardians"][0]["name"] == WORDS["mother"]
    desk.tell("/api/interactions", call("g2", f"We like it a lot, and {WORDS['said']}."))
    desk.tell("/api/interactions", call("g1", "He would love to try it. Is there something on Saturdays?"))
    decision = desk.see(f"/api/nba/{LEAD}/current")
    assert decision["verdict"] == "decision"
    assert WORDS["said"] in json.dumps(desk.see(f"/api/leads/{LEAD}/timeline"))
    return decision


def _a_rejection_brings_another(desk: Desk, first: dict[str, Any]) -> None:
    desk.tell(f"/api/decisions/{first['decision_id']}/reject", {"reason": WORDS["reason"]})
    second = desk.see(f"/api/nba/{LEAD}/current")
    assert second["decision_id"] != first["decision_id"]
    assert second["supersedes"] == first["decision_id"]
    assert second["action"] != first["action"]
    too_late = desk.client.post(
        f"/api/decisions/{first['decision_id']}/reject", json={"reason": WORDS["reason"]}
    )
    assert too_late.status_code == 409


def _a_reminder_fires(desk: Desk) -> None:
    due = datetime.now(UTC) + timedelta(seconds=2)
    desk.tell("/api/reminders", {"lead_id": LEAD, "due_at": due.isoformat(), "note": WORDS["note"]})

    def fired() -> bool:
        ours = [one for one in desk.see("/api/reminders")["items"] if one["lead_id"] == LEAD]
        return any(one["fired"] and one["note"] == WORDS["note"] for one in ours)

    eventually(fired, "the reminder fires")
    queue = desk.see("/api/queue?limit=200")["items"]
    (shown,) = [one for one in queue if one["lead_id"] == LEAD and one["kind"] == "reminder"]
    desk.tell(f"/api/reminders/{shown['event_id']}/done", {})
    left = [one["reminder_id"] for one in desk.see("/api/reminders")["items"] if one["kind"] == "manual"]
    assert shown["event_id"] not in left


def _an_enrolment_moves_the_status(desk: Desk) -> None:
    desk.tell("/api/enrolments", {"lead_id": LEAD, "child_id": "c1"})
    assert desk.see(f"/api/leads/{LEAD}")["status"] == "enrolled"


def _one_person_is_forgotten(desk: Desk) -> None:
    desk.forget(f"/api/leads/{LEAD}?subject=g/g2")
    receipt = _receipt(desk, "g/g2")
    assert [key["subject"] for key in receipt["keys"]] == [f"{LEAD}/g/g2"]
    seen = json.dumps(desk.see(f"/api/leads/{LEAD}")) + json.dumps(desk.see(f"/api/leads/{LEAD}/timeline"))
    assert WORDS["father"] not in seen
    assert WORDS["said"] not in seen
    assert WORDS["mother"] in seen
    assert desk.client.post("/api/interactions", json=call("g2", "Hello?")).status_code == 410
    desk.tell("/api/interactions", call("g1", "See you on Saturday then."))
    assert desk.see(f"/api/leads/{LEAD}")["status"] == "enrolled"


def _all_are_forgotten(desk: Desk) -> None:
    desk.forget(f"/api/leads/{LEAD}")
    receipt = _receipt(desk, None)
    assert {key["subject"] for key in receipt["keys"]} >= {LEAD, f"{LEAD}/g/g1", f"{LEAD}/c/c1"}
    assert receipt["purged"]["interactions"] >= 5
    for path in (f"/api/leads/{LEAD}", f"/api/nba/{LEAD}/current", f"/api/context/{LEAD}"):
        assert desk.ask(path).status_code == 410
    assert desk.client.post("/api/leads", json=HOUSEHOLD).status_code == 410
    assert desk.client.delete(f"/api/leads/{LEAD}").status_code == 410


def _nothing_of_them_is_left(system: System, desk: Desk) -> None:
    words = system.data.parent / "words.txt"
    words.write_text("\n".join(WORDS.values()))
    verified = system.command("erase", "--verify", str(words), "--json")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    report = json.loads(verified.stdout)
    assert report["found"] == []
    assert report["not_looked"] == []
    assert min(report["looked"][what] for what in ("records", "rows", "files", "bytes")) > 0
    told = [decode("receipts", seen.value) for seen in system.stranger().read("receipts") if seen.value]
    assert [(one.lead_id, one.subject) for one in told if one.lead_id == LEAD] == [
        (LEAD, "g/g2"),
        (LEAD, None),
    ]
    checked = system.command("check", "--json")
    assert checked.returncode == 0, checked.stdout
    replayed = system.command("replay", "--all", "--json")
    assert replayed.returncode == 0, replayed.stdout[-2000:]


def _receipt(desk: Desk, subject: str | None) -> dict[str, Any]:
    def carried_out() -> dict[str, Any] | None:
        wishes = desk.see(f"/api/leads/{LEAD}/erasures")["items"]
        (wish,) = [one for one in wishes if one["subject"] == subject]
        found: dict[str, Any] | None = wish["receipt"]
        return found

    found: dict[str, Any] = eventually(carried_out, "the erasure is carried out")
    return found
