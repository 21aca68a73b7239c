"""Many households as rows of the views that lists read, put in by COPY, their names really sealed."""

import random
import secrets
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import msgspec
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from domain.actions import ACTIONS, STOP, WAIT
from domain.events import Child, Guardian
from domain.states import Reminder
from domain.vocabulary import Bucket, ReviewKind, Status
from projections.api.settings import ApiSettings
from projections.connections import in_schema
from projections.search_words import Hasher, hasher, of_name, of_phone
from runtime.keys import Keys, child, guardian
from runtime.master import LocalMaster, load_master
from schemas.sealed import new_key, seal
from tests import given

CHOICE = random.Random(7)  # noqa: S311 - the same rows each time, no secret
STATUSES = (30, 22, 14, 8, 6, 8, 3, 4, 5)  # in a hundred, in the order of Status
REVIEWED, ASKED = 0.01, 0.02
AT_A_TIME = 50_000
"""Households in memory."""
FIRST = ("Dana", "Maria", "José", "Chloe", "Amir", "Wei", "Olga", "Kofi", "Lena", "Noah", "Priya", "Tom")
LAST = tuple(
    head + tail
    for head in ("Whit", "Bran", "Okaf", "Garz", "Mitch", "Thorn", "Lind", "Ross", "Ham", "Kell")
    for tail in ("field", "dt", "or", "a", "ell", "e", "gren", "i", "mond", "er", "ovic", "ano")
)
"""Names repeat as they do in a town: one in twelve is called Dana, one in 120 Whitfield."""
CONTACTS = tuple(name for name in ACTIONS if name not in (STOP, WAIT))


def fill(settings: ApiSettings, count: int) -> None:
    """Keys, records and leads; then what autovacuum would have done by then."""
    assert settings.postgres is not None
    assert settings.master_key_file is not None
    dsn = in_schema(settings.postgres.get_secret_value(), settings.schema_name)
    master = LocalMaster(load_master(settings.master_key_file))
    with closing(Keys(settings)) as keys:
        token = hasher(keys)
    for start in range(0, count, AT_A_TIME):
        _fill(dsn, master, token, range(start, min(start + AT_A_TIME, count)))
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _fill(dsn: str, master: LocalMaster, token: Hasher, numbers: range) -> None:
    families = [_family(number, token) for number in numbers]
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        with cursor.copy("COPY keys (subject, key_id, wrapped) FROM STDIN (FORMAT TEXT)") as copy:
            for family in families:
                for subject, key in family["keys"].items():
                    copy.write_row((subject, key.key_id, master.wrap(key.key_id, key.aes)))
        _copy(cursor, "interactions", (family["interaction"] for family in families))
        _copy(cursor, "leads", (family["lead"] for family in families))
        _copy(cursor, "lead_search", (row for family in families for row in family["search"]))
        _copy(cursor, "lead_states", (_state(family["lead"]) for family in families))


def touch(settings: ApiSettings, count: int) -> None:
    """So many leads get an answer, as the projection would write it, a hundred in a transaction."""
    assert settings.postgres is not None
    dsn = in_schema(settings.postgres.get_secret_value(), settings.schema_name)
    with psycopg.connect(dsn, autocommit=True) as connection:
        ids = [
            lead_id for (lead_id,) in connection.execute("SELECT lead_id FROM leads ORDER BY md5(lead_id)")
        ]
        for start in range(0, count, 100):
            some = ids[start : start + 100]
            with connection.transaction():
                connection.execute(
                    "UPDATE leads SET sequence = sequence + 1, interactions = interactions + 1 WHERE lead_id = ANY(%s)",
                    [some],
                )
                connection.execute(
                    "UPDATE leads SET updated_at = updated_at + interval '1 minute', decided_at = updated_at"
                    " WHERE lead_id = ANY(%s)",
                    [some],
                )


def _copy(cursor: psycopg.Cursor[Any], table: str, rows: Iterator[dict[str, Any]]) -> None:
    first = next(rows)
    names = sql.SQL(", ").join(map(sql.Identifier, first))
    with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)) as copy:
        copy.write_row(list(first.values()))
        for row in rows:
            copy.write_row(list(row.values()))


def _family(number: int, token: Hasher) -> dict[str, Any]:
    lead_id = f"fam-{number:07}"
    adult, minor = (new_key(secrets.token_urlsafe(12)) for _ in range(2))
    event_id = f"record-{number}"
    name, minor_name = f"{CHOICE.choice(FIRST)} {CHOICE.choice(LAST)}", CHOICE.choice(FIRST)
    status = CHOICE.choices(list(Status), STATUSES)[0]
    updated = given.NOON - timedelta(seconds=CHOICE.randrange(90 * 86_400))
    event = given.recorded_lead(
        updated,
        event_id=event_id,
        lead_id=lead_id,
        guardians=(Guardian("g1", seal(adult, event_id, "name", name), None, None),),
        children=(Child("c1", seal(minor, event_id, "name", minor_name), 9, None),),
        campaign_goal=seal(adult, event_id, "campaign_goal", "a trial session"),
    )
    place = {"partition": number % 12, "root_offset": number // 12}
    adults = of_name(name) | of_phone(f"+1 312 {number:07}")
    return {
        "keys": {guardian(lead_id, "g1"): adult, child(lead_id, "c1"): minor},
        "interaction": {
            **place,
            "event_id": event_id,
            "lead_id": lead_id,
            "kind": "lead",
            "recorded_at": updated,
            "occurred_at": updated,
            "recorded": Jsonb(msgspec.to_builtins(event)),
            "enriched_id": f"enriched-{number}",
        },
        "lead": _lead(lead_id, place, status, updated),
        "search": [
            _found("guardians", guardian(lead_id, "g1"), place, map(token, adults)),
            _found("children", child(lead_id, "c1"), place, map(token, of_name(minor_name))),
        ],
    }


def _found(part: str, subject: str, place: dict[str, int], tokens: Iterable[int]) -> dict[str, Any]:
    lead_id, offset = subject.partition("/")[0], place["root_offset"]
    return {"lead_id": lead_id, "subject": subject, "root_offset": offset, "part": part, "tokens": [*tokens]}


def _lead(lead_id: str, place: dict[str, int], status: Status, updated: Any) -> dict[str, Any]:
    bucket = CHOICE.choices(list(Bucket), (22, 4, 10, 10, 8, 8, 5, 12, 3, 18))[0]
    action = STOP if status is Status.DECLINED else CHOICE.choice((WAIT, *CONTACTS))
    contacts = action in CONTACTS
    scheduled = given.NOON + timedelta(minutes=CHOICE.randrange(-600, 7 * 1440)) if contacts else None
    kinds = list(ReviewKind)
    review = {"kind": CHOICE.choice(kinds), "event_id": f"e-{lead_id}", "at": updated.isoformat()}
    parts = ("guardians", "children", "time_zone", "campaign_goal")
    return {
        "lead_id": lead_id,
        "partition": place["partition"],
        **{f"{part}_offset": place["root_offset"] for part in parts},
        "status": status.value,
        "consent": "contactable",
        "due": scheduled and scheduled + timedelta(hours=72),
        "sequence": 3,
        "interactions": 2,
        "reviews": Jsonb([review]) if CHOICE.random() < REVIEWED else None,
        "state": f"{status}:{bucket}",
        "bucket": bucket.value,
        "updated_at": updated,
        "decision_id": f"d-{lead_id}",
        "action": action,
        "channel": "sms" if contacts else None,
        "scheduled_for": scheduled,
        "expires_at": scheduled and scheduled + timedelta(hours=72),
        "decided_at": updated - timedelta(minutes=CHOICE.randrange(5_000)),
    }


def _state(lead: dict[str, Any]) -> dict[str, Any]:
    """The reminder of the decision's moment, and of a few households one that an operator set."""
    own, scheduled = lead["decision_id"], lead["scheduled_for"]
    open_ones = [] if scheduled is None else [Reminder(own, scheduled, own, fired=scheduled <= given.NOON)]
    asked_at = None
    if CHOICE.random() < ASKED:
        asked_at = given.NOON + timedelta(minutes=CHOICE.randrange(-600, 7 * 1440))
        open_ones.append(Reminder(f"r-{lead['lead_id']}", asked_at, own, fired=asked_at <= given.NOON))
    return {
        "lead_id": lead["lead_id"],
        "folded": Jsonb({"reminders": msgspec.to_builtins(open_ones)}),
        "reminds_at": min((one.due_at for one in open_ones), default=None),
        "asked_at": asked_at,
    }
