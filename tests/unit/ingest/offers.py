"""Bodies of HTTP as offers on `inbox`, where its schemas can say them."""

from dataclasses import MISSING, fields
from datetime import datetime
from typing import Any

import msgspec

from domain.offers import ChildOffered, GuardianOffered, InteractionOffered, Offered
from schemas.codec import Undecodable, decode, encode

MEMBERS = {"guardians": GuardianOffered, "children": ChildOffered}


def interaction(**more: Any) -> InteractionOffered:
    """A completed inbound call."""
    body = {
        "lead_id": "lead-ada",
        "channel": "voice",
        "direction": "inbound",
        "outcome": "completed",
        "occurred_at": "2026-05-05T17:00:00Z",
        **more,
    }
    found = offer(body, InteractionOffered)
    assert isinstance(found, InteractionOffered)
    return found


def offer(body: Any, kind: type[Offered]) -> Offered | None:
    """The same said on `inbox`; None where a producer with the schema cannot say it."""
    try:
        said: Offered = msgspec.convert(_renamed(body, kind), kind)
        return said if decode("inbox", encode("inbox", said)) == said else None
    except (msgspec.ValidationError, Undecodable, ValueError, TypeError, KeyError):
        return None


def _renamed(body: Any, kind: type[Any]) -> dict[str, Any]:
    """Under the topic's names, null where nothing is said; raises KeyError for a field that is not of the schema."""
    if not isinstance(body, dict):
        raise TypeError
    named: dict[str, Any] = {("event_id" if name == "id" else name): value for name, value in body.items()}
    known = {one.name: None if one.default is MISSING else one.default for one in fields(kind)}
    if not named.keys() <= known.keys():
        raise KeyError
    whole: dict[str, Any] = {name: () if name in MEMBERS else absent for name, absent in known.items()}
    whole.update(named)
    if isinstance(whole.get("occurred_at"), str):
        whole["occurred_at"] = datetime.fromisoformat(whole["occurred_at"])
    for name in MEMBERS.keys() & whole.keys():
        whole[name] = tuple(_renamed(one, MEMBERS[name]) for one in whole[name])
    return whole
