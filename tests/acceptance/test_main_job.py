"""The main job on the composed system: one event followed through every topic, crashes, and nothing in clear."""

import itertools
import os
import signal
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from domain.q_learning import NO_VALUES, Values, fold
from infra.local.layout import Layout
from schemas.codec import decode
from tests.acceptance.conftest import System, stop
from tests.acceptance.stranger import Seen

CANARIES = {
    "name": "Zephyrine Quackenbush",
    "second name": "Ottoline Quackenbush",
    "child": "Peregrine Quackenbush",
    "phone": "+1 312 555 0187",
    "email": "zephyrine@example.org",
    "goal": "Saxophone handstand intensive",
    "programme": "trampolining",
    "reference": "crm-kumquat-77",
}
WORDS = ("marmalade", "trombone", "scholarship for Peregrine", "my husband Barnaby")
TRANSCRIPT = (
    "Coach Dana: Hi Zephyrine, this is Dana. How did Peregrine like the marmalade trombone evening?\n"
    "Parent: He loved it. Honestly we are interested, but it is a lot of money for us right now.\n"
    "Parent: Is there a scholarship for Peregrine? And my husband Barnaby has to agree, too.\n"
)


def now() -> str:
    return datetime.now(UTC).isoformat()


def household(lead_id: str) -> dict[str, Any]:
    return {
        "lead_id": lead_id,
        "time_zone": "America/Chicago",
        "campaign_goal": CANARIES["goal"],
        "guardians": [
            {
                "guardian_id": "g1",
                "name": CANARIES["name"],
                "phone": CANARIES["phone"],
                "email": CANARIES["email"],
            },
            {"guardian_id": "g2", "name": CANARIES["second name"]},
        ],
        "children": [
            {"child_id": "c1", "name": CANARIES["child"], "age": 9, "programme": CANARIES["programme"]}
        ],
    }


def call(lead_id: str, **changes: Any) -> dict[str, Any]:
    made = {
        "lead_id": lead_id,
        "channel": "voice",
        "direction": "outbound",
        "outcome": "completed",
        "occurred_at": now(),
        "guardian_id": "g1",
        "transcript": TRANSCRIPT,
    }
    return {**made, **changes}


def post(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_one_event_followed_through_every_topic_by_a_stranger(system: System) -> None:
    with system.client() as client:
        post(client, "/api/leads", household("canary-1"))
        accepted = post(client, "/api/interactions", call("canary-1", external_ref=CANARIES["reference"]))
        event_id = accepted["event_id"]
        system.settled(
            lambda: client.get(f"/api/interactions/{event_id}").json().get("stage") == "answered",
            "the answer",
        )
        told = client.get(f"/api/interactions/{event_id}").json()
        current = client.get("/api/nba/canary-1/current").json()
        complete = client.get(f"/api/decisions/{told['decision_id']}").json()
    stranger = system.stranger()

    def about(topic: str, **fields: Any) -> list[Seen]:
        wanted = fields.items()
        return [seen for seen in stranger.read(topic) if seen.event and wanted <= seen.event.items()]

    (interaction,) = about("interactions", event_id=event_id)
    assert (interaction.partition, interaction.offset) == (accepted["partition"], accepted["offset"])
    assert interaction.key == b"canary-1"
    assert interaction.headers["event-id"].decode() == event_id
    assert interaction.headers["event-type"] == b"interaction"

    (enriched,) = about("enriched", cause_event_id=event_id)
    said = enriched.event["extraction"]
    assert enriched.event["root_offset"] == accepted["offset"]
    assert said["financial_signals"]["concern_level"] in ("moderate", "high")
    assert said["summary"]["box"]
    assert (
        told["extraction"]["financial_signals"]["concern_level"] == said["financial_signals"]["concern_level"]
    )

    (answer,) = about("decisions", cause_event_id=event_id)
    decision = answer.event
    assert decision["verdict"] == "decision"
    assert decision["root_offset"] == accepted["offset"]
    assert sum(action["probability"] for action in decision["actions"]) == pytest.approx(1.0)
    assert decision["decision_id"] == current["decision_id"] == complete["decision_id"]
    assert decision["action"] == complete["action"]
    assert {directive["id"] for directive in decision["brief"]["directives"]} == {
        directive["id"] for directive in complete["brief"]["directives"]
    }
    assert all(directive["text"] for directive in complete["brief"]["directives"])

    (transition,) = about("transitions", cause_event_id=event_id)
    assert said["intent"] == "objecting"
    assert [hop["to_status"] for hop in transition.event["hops"]] == ["contacted"]
    assert transition.event["reward"] == pytest.approx(0.1)
    row = f"default|{transition.event['from_state']}|{transition.event['action']}"
    rows = [seen for seen in stranger.read("q-table") if seen.key == row.encode()]
    assert rows[-1].event["visits"] >= 1


def test_a_decision_can_be_shown(system: System) -> None:
    with system.client() as client:
        decision = client.get("/api/nba/fam-mitchell/current").json()

    shown = system.command("show", decision["decision_id"])

    assert shown.returncode == 0, shown.stderr
    assert decision["action"] in shown.stdout
    assert "probability" in shown.stdout
    assert system.command("show", "nonsense").returncode == 1


def test_killed_in_mid_stream_every_input_is_answered_once(system: System) -> None:
    leads = [f"crash-{number}" for number in range(12)]
    sent: list[str] = []
    with system.client() as client:
        sent += [post(client, "/api/leads", household(lead))["event_id"] for lead in leads]
        for turn in range(15):
            if turn in (4, 9):
                os.kill(system.pid("decider"), signal.SIGKILL)
            if turn in (6, 11):
                os.kill(system.pid("learner"), signal.SIGKILL)
            outcome = "no_answer" if turn % 3 else "completed"
            text = None if turn % 3 else TRANSCRIPT
            for lead in leads:
                body = call(lead, outcome=outcome, transcript=text)
                sent.append(post(client, "/api/interactions", body)["event_id"])
        system.settled(
            lambda: client.get(f"/api/interactions/{sent[-1]}").json().get("stage") == "answered",
            "the last answer",
            90,
        )
    system.settled(lambda: bool(system.ready()), "everything is ready again", 60)
    stranger = system.stranger()
    answers = [seen for seen in stranger.read("decisions") if seen.event["lead_id"].startswith("crash-")]
    caused = [seen.event["cause_event_id"] for seen in answers]
    inputs = [cause for cause in caused if cause in set(sent)]

    assert sorted(inputs) == sorted(sent), "each input once"
    by_lead = defaultdict(list)
    for seen in answers:
        by_lead[seen.event["lead_id"]].append(seen.event["sequence"])
    for lead in leads:
        assert by_lead[lead] == list(range(len(by_lead[lead]))), "gapless, in order"
    ids = [seen.event["decision_id"] for seen in answers]
    assert len(set(ids)) == len(ids)
    roots = [
        (seen.partition, seen.event["root_offset"])
        for seen in answers
        if seen.event["cause_event_id"] in sent
    ]
    for (partition, root), (following, later) in itertools.pairwise(roots):
        assert partition != following or root < later, "in input order"


def test_the_learned_values_are_the_fold_of_the_transitions(system: System) -> None:
    stranger = system.stranger()

    def folded() -> tuple[dict[str, Any], dict[str, Any]]:
        values: Values = NO_VALUES
        for seen in stranger.read("transitions"):
            assert seen.value is not None
            values = fold(values, decode("transitions", seen.value), seen.offset)
        wanted = {f"default|{state}|{action}": row.q for state, action, row in values}
        last = {(seen.key or b"").decode(): seen.event for seen in stranger.read("q-table")}
        assert last["default"]["version"] <= values.version
        found = {key: event["q"] for key, event in last.items() if "|" in key}
        return wanted, found

    system.settled(lambda: (pair := folded())[0] == pair[1], "the learner has caught up")
    wanted, found = folded()
    assert found == wanted
    visits = [seen.event["visits"] for seen in stranger.read("q-table") if b"|" in (seen.key or b"")]
    assert max(visits) > 5


def test_no_word_of_a_family_is_in_clear_on_any_topic_or_in_the_database(system: System) -> None:
    stranger = system.stranger()
    canaries = [text.encode() for text in (*CANARIES.values(), *WORDS, "Karen Mitchell", "312 555 0142")]
    topics = stranger.topics()
    assert {"interactions", "enriched", "decisions", "transitions", "q-table", "leads", "threads"} <= set(
        topics
    )

    found = [
        (topic, canary)
        for topic in topics
        for seen in stranger.read(topic)
        for canary in canaries
        if canary in b"|".join((seen.key or b"", seen.value or b"", *seen.headers.values()))
    ]
    assert found == []

    home = Layout.at(system.data).postgres
    files = [path for path in home.rglob("*") if path.is_file() and "pginstall" not in path.parts]
    assert sum(path.stat().st_size for path in files) > 1_000_000
    assert [(path, canary) for path in files for canary in canaries if canary in _bytes(path)] == []
    logs = [*system.data.joinpath("logs").rglob("*"), system.output]
    assert [(path, c) for path in logs if path.is_file() for c in canaries if c in path.read_bytes()] == []


def test_the_canaries_are_there_for_who_may_read_them(system: System) -> None:
    with system.client() as client:
        lead = client.get("/api/leads/canary-1").json()

    assert CANARIES["name"] in str(lead)
    assert CANARIES["phone"] in str(lead)


def test_six_families_ended_in_a_table(system: System) -> None:
    told = system.output.read_text()

    for lead in ("fam-mitchell", "fam-okafor", "fam-lindqvist", "fam-ramirez", "fam-brandt", "fam-whitfield"):
        assert lead in told
    with system.client() as client:
        assert client.get("/api/leads/fam-mitchell").json()["status"] == "enrolled"
        assert client.get("/api/nba/fam-brandt/current").json()["override"] == "opted_out"


def test_it_stops_within_ten_seconds_and_leaves_nothing_behind(system: System) -> None:
    children = psutil.Process(system.process.pid).children(recursive=True)
    assert children

    seconds = stop(system.process)

    assert system.process.returncode == 0
    assert seconds < 10
    assert [child for child in children if child.is_running()] == []
    assert system.command("status").returncode == 1


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""  # the database removed it meanwhile
