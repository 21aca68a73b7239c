"""Puts a context pack together, or the minimal one where the rest cannot be read."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import msgspec
import structlog
from sqlalchemy import RowMapping
from sqlalchemy.exc import SQLAlchemyError

from domain.events import InteractionRecorded, Sealed
from domain.extraction import Extraction, with_texts
from domain.parameters import Parameters
from domain.records import Decision
from domain.states import Context, Review
from domain.vocabulary import Channel
from projections.api import context_queries, decision_texts, told
from projections.api.academy import Academy
from projections.api.compliance import compliance, standing, warnings
from projections.api.context_views import ContextPack, CurrentView, MinimalPack, RecentView
from projections.api.drafts import Words, addressee
from projections.api.extraction import Said
from projections.api.known import known
from projections.api.opening import Opener, prepared
from projections.api.told_views import ChildView, RecordView
from runtime.errors import NotReady
from runtime.keys import Keyring
from schemas.sealed import Unopenable

log = structlog.get_logger()
T = TypeVar("T")
RECENT = 5
"""Interactions that a pack lists."""


UNREADABLE = (msgspec.ValidationError, ValueError, LookupError, TypeError, AttributeError)
"""What a stored value of another shape raises, wherever it is met first."""


class Unassembled(Exception):
    """The rich part of a pack cannot be put together; its argument says why."""


@dataclass(frozen=True, slots=True)
class Talk:
    """One interaction, and what was said in it."""

    event: InteractionRecorded
    said: Extraction[Said] | None
    text: Said  # of an SMS; what was said on the telephone is only told in summary


@dataclass(frozen=True, slots=True)
class Assembled:
    """A pack, and what a provider's shape is made of besides."""

    pack: ContextPack
    decision: Decision | None
    words: Words
    talks: Sequence[Talk]


@contextmanager
def assembling() -> Iterator[None]:
    """Raises Unassembled for what keeps the rich part from being read; no word of it is told."""
    try:
        yield
    except SQLAlchemyError as error:
        raise Unassembled(f"Postgres did not give all of it ({type(error).__name__}).") from error
    except NotReady as error:
        raise Unassembled("The keys of what was said cannot be had now.") from error
    except Unopenable as error:
        raise Unassembled("Something that was said cannot be opened.") from error
    except UNREADABLE as error:
        raise Unassembled("What is recorded of this household cannot be read.") from error


def named(row: RowMapping) -> frozenset[str]:
    """The events that the household's state names."""
    said = _context(row)
    single = (said.stance, said.concern, said.deciders, said.siblings, said.questions, said.times, said.facts)
    return frozenset(one.event_id for one in (*single, *said.objections, *said.signals) if one is not None)


def assemble(
    row: RowMapping, parts: Sequence[RowMapping], keys: Keyring, academy: Academy, now: datetime
) -> Assembled:
    """The pack of a household from the rows of both statements; raises what `assembling` translates."""
    said = {part["root_offset"]: part for part in parts if part["part"] == "told"}
    sealed = (row["events"], [(part["recorded"], part["extraction"]) for part in said.values()])
    opener = Opener(prepared(keys, sealed), row["lead_id"])
    record = decision_texts.record_of(row, opener)
    talks = [_talk(part, opener) for part in said.values()]
    made, parameters = _one(Decision, parts, "decision"), _one(Parameters, parts, "parameters")
    if made and made.brief is None:
        raise Unassembled("The decision in force has no brief.")
    texts = {part["event_id"]: part["extraction"] for part in said.values()}
    words = Words(academy, record, decision_texts.quoted(made, texts, opener) if made else {})
    lead = standing(row, record)
    injected = any(talk.said.injection for talk in talks if talk.said)
    reviews = msgspec.convert((row["folded"] or {}).get("reviews", ()), list[Review])
    pack = ContextPack(
        **_who(row, record),
        **dict(known(_context(row), {talk.event.event_id: talk.said for talk in talks if talk.said})),
        latest_summary=next((talk.said.summary for talk in talks if talk.said and talk.said.summary), None),
        recent_interactions=[_recent(talk) for talk in talks[:RECENT]],
        current_nba=_current(made, words),
        compliance=compliance(lead, made, parameters, now),
        warnings=list(warnings(lead, reviews, made, erased=opener.erased, injected=injected)),
        erased=opener.erased,
    )
    return Assembled(pack, made, words, talks)


def minimal(row: RowMapping, keys: Keyring, why: str) -> MinimalPack:
    """Name and phone alone; raises NotReady where not even they can be opened now."""
    log.warning("a minimal context pack", lead_id=row["lead_id"], why=why)
    opener = Opener(prepared(keys, row["events"]), row["lead_id"])
    try:
        record = told.record(told.parts(row, context_queries.events_of(row)), {}, opener)
    except UNREADABLE:
        record = None  # who they are is as unreadable as the rest: an id, and why, is still an answer
    return MinimalPack(
        lead_id=row["lead_id"],
        reason=why,
        **_reached(record),
        consent=row["consent"],
        current_status=row["status"],
        warnings=list(warnings(standing(row, record), (), None, erased=opener.erased, injected=False)),
        erased=opener.erased,
    )


def _context(row: RowMapping) -> Context:
    return msgspec.convert((row["folded"] or {}).get("context", {}), Context)


def _one(kind: type[T], parts: Sequence[RowMapping], name: str) -> T | None:
    return next((msgspec.convert(part["recorded"], kind) for part in parts if part["part"] == name), None)


def _talk(part: RowMapping, opener: Opener) -> Talk:
    stored = part["extraction"]
    sealed = None if stored is None else msgspec.convert(stored, Extraction[Sealed])
    event = msgspec.convert(part["recorded"], InteractionRecorded)
    text = opener.text("transcript", event.transcript) if event.channel is Channel.SMS else None
    return Talk(event, with_texts(sealed, opener.text) if sealed else None, text)


def _recent(talk: Talk) -> RecentView:
    names = ("event_id", "occurred_at", "channel", "direction", "outcome", "guardian_id")
    shown = {name: getattr(talk.event, name) for name in names}
    return RecentView(**shown, summary=talk.said.summary if talk.said else None)


def _current(made: Decision | None, words: Words) -> CurrentView | None:
    brief = decision_texts.brief_of(made, words) if made else None
    if made is None or brief is None:
        return None
    shown = (name for name in CurrentView.model_fields if name != "brief")
    return CurrentView(**{name: getattr(made, name) for name in shown}, brief=brief)


def _who(row: RowMapping, record: RecordView | None) -> dict[str, Any]:
    """The household, and where it stands."""
    children = record.children if record else []
    return {
        **{name: row[name] for name in ("lead_id", "state", "bucket")},
        **_reached(record),
        "child_info": "; ".join(map(_child, children)) or None,
        "campaign_goal": record.campaign_goal if record else None,
        "guardians": record.guardians if record else [],
        "children": children,
        "time_zone": record.time_zone if record else None,
        "current_status": row["status"],
        "interactions": row["interactions"] or 0,
    }


def _reached(record: RecordView | None) -> dict[str, Said]:
    """Name and phone of the adult to call, or of the first one."""
    adult = addressee(record, Channel.VOICE) or next(iter(record.guardians if record else ()), None)
    return {"lead_name": adult.name if adult else None, "phone": adult.phone if adult else None}


def _child(child: ChildView) -> str:
    age = None if child.age is None else f"age {child.age}"
    about = ", ".join(filter(None, (age, child.programme)))
    return (child.name or "a child") + (f" ({about})" if about else "")
