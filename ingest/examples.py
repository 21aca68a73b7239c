"""Example bodies of every route, for the OpenAPI document; a test posts each of them."""

from typing import Any

INTERACTIONS: dict[str, Any] = {
    "call": {
        "lead_id": "lead-ada",
        "channel": "voice",
        "direction": "outbound",
        "outcome": "completed",
        "occurred_at": "2026-05-04T16:30:00-05:00",
        "duration_s": 340,
        "guardian_id": "g1",
        "transcript": (
            "Coach Kim: Hi, this is Kim from Northside Academy.\n"
            "Parent: Hi! Tuesdays are hard for us, do you have anything on Saturdays?"
        ),
    },
    "no answer": {
        "lead_id": "lead-ada",
        "channel": "voice",
        "direction": "outbound",
        "outcome": "no_answer",
        "occurred_at": "2026-05-03T17:00:00-05:00",
    },
    "sms": {
        "id": "0198c5c2-6f3a-7c11-9d1e-8a6a3f0b7d42",
        "lead_id": "lead-ada",
        "channel": "sms",
        "direction": "inbound",
        "outcome": "completed",
        "occurred_at": "2026-05-05T12:05:00Z",
        "transcript": "Can we come to a trial session this Saturday?",
    },
}

SMS: dict[str, Any] = {
    "sms": {
        "lead_id": "lead-ada",
        "direction": "inbound",
        "occurred_at": "2026-05-05T12:07:00Z",
        "guardian_id": "g1",
        "transcript": "and how long is it?",
    },
}

BATCHES: dict[str, Any] = {
    "a call and an answer": [INTERACTIONS["no answer"], INTERACTIONS["sms"]],
}

LEADS: dict[str, Any] = {
    "household": {
        "lead_id": "lead-ada",
        "time_zone": "America/Chicago",
        "guardians": [
            {
                "guardian_id": "g1",
                "name": "Ada Example",
                "phone": "+1 312 555 0142",
                "email": "ada@example.org",
            }
        ],
        "children": [{"child_id": "c1", "name": "Max Example", "age": 9, "programme": "U10 soccer"}],
        "campaign_goal": "Trial session in May",
    },
    "smallest": {"lead_id": "lead-grace", "time_zone": "Europe/Berlin"},
}

PATCHES: dict[str, Any] = {
    "a child more, another goal": {
        "children": [{"child_id": "c1", "name": "Max Example", "age": 9}, {"child_id": "c2", "age": 6}],
        "campaign_goal": "Trial sessions in May",
    },
    "moved, and no goal any more": {"time_zone": "America/Denver", "campaign_goal": None},
}

CONSENTS: dict[str, Any] = {
    "given again": {
        "lead_id": "lead-ada",
        "guardian_id": "g1",
        "consent": "contactable",
        "occurred_at": "2026-05-05T09:00:00-05:00",
        "reason": "Signed the contact form at the open day.",
    },
    "refused by the household": {"lead_id": "lead-grace", "consent": "opted_out"},
}

CORRECTIONS: dict[str, Any] = {
    "misread": {"guardian_id": "g1", "reason": "She meant that the bus should stop at the pitch."},
}

ENROLMENTS: dict[str, Any] = {
    "with its number": {
        "lead_id": "lead-ada",
        "child_id": "c1",
        "external_ref": "contract 2026-118",
        "occurred_at": "2026-05-05T12:00:00Z",
    },
    "smallest": {"lead_id": "lead-grace"},
}

SESSIONS: dict[str, Any] = {
    "came": {
        "lead_id": "lead-ada",
        "child_id": "c1",
        "attended": True,
        "occurred_at": "2026-05-04T17:00:00-05:00",
        "external_ref": "session 2026-05-04 U10",
    },
    "missed": {"lead_id": "lead-grace", "attended": False, "occurred_at": "2026-05-04T15:00:00Z"},
}

PAYMENTS: dict[str, Any] = {
    "missed": {
        "lead_id": "lead-ada",
        "outcome": "missed",
        "occurred_at": "2026-05-01T00:00:00-05:00",
        "external_ref": "invoice 2026-771",
    },
    "paid": {"lead_id": "lead-grace", "outcome": "paid", "occurred_at": "2026-05-02T09:12:00Z"},
}

STATUSES: dict[str, Any] = {
    "seen elsewhere": {
        "status": "trial",
        "kind": "observed",
        "reason": "They came along with a friend on Saturday.",
        "occurred_at": "2026-05-02T10:00:00-05:00",
    },
    "misread": {
        "status": "interested",
        "kind": "correction",
        "reason": "They declined the camp, not the academy.",
    },
}

REJECTIONS: dict[str, Any] = {
    "with a note": {"reason": "They asked for no calls this week.", "note": "Ask Kim before trying again."},
}

ACCEPTANCES: dict[str, Any] = {"plain": {}, "with a note": {"note": "Kim calls on Thursday."}}

EXECUTIONS: dict[str, Any] = {
    "something else": {"action": "info_send", "note": "She wanted the price list first."},
}

REMINDERS: dict[str, Any] = {
    "with a note": {
        "lead_id": "lead-ada",
        "due_at": "2026-05-12T16:00:00-05:00",
        "note": "Ask how the trial session went.",
        "occurred_at": "2026-05-05T09:00:00-05:00",
    },
    "about a decision": {
        "lead_id": "lead-grace",
        "due_at": "2026-05-06T09:00:00Z",
        "decision_id": "5b9602f9-5118-80a5-aced-2df8749dd57e",
        "occurred_at": "2026-05-05T09:00:00Z",
    },
}

SNOOZES: dict[str, Any] = {
    "to the next week": {"until": "2026-05-12T09:00:00-05:00", "occurred_at": "2026-05-05T09:00:00-05:00"}
}

DISMISSALS: dict[str, Any] = {"plain": {}}

DONE: dict[str, Any] = {"plain": {}, "told later": {"occurred_at": "2026-05-05T09:00:00-05:00"}}
