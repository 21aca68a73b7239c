"""What was told to us as the API shows it: sealed texts opened, a record's parts put together."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import RowMapping

from domain.acts import (
    Acts,
    AttendanceTold,
    ConsentTold,
    DecisionAnswered,
    EnrolmentTold,
    ErasureTold,
    PaymentTold,
    Recorded,
    ReminderAnswered,
    ReminderSet,
    StatusTold,
)
from domain.events import Child, Guardian, InteractionRecorded, LeadPatched, LeadRecorded, Sealed
from domain.vocabulary import Consent
from projections.api.opening import Opener
from projections.api.places import Place
from projections.api.statements import Row
from projections.api.told_views import (
    Act,
    AnswerAct,
    AttendanceAct,
    ChildView,
    ConsentAct,
    EnrolmentAct,
    ErasureAct,
    GuardianView,
    InteractionEvent,
    PatchView,
    PaymentAct,
    RecordView,
    ReminderAct,
    ReminderAnswerAct,
    StatusAct,
)
from projections.leads import RECORD_PARTS
from schemas.topics import TOPICS

Parts = dict[str, LeadRecorded | LeadPatched]
"""For each part of a household's record the event that told it last, the newest of them last."""


def parts(row: Row, told: Mapping[Place, Any]) -> Parts:
    """A lead's record in its parts; `told` holds their events by place."""
    places = ((part, (row["partition"], row[f"{part}_offset"])) for part in RECORD_PARTS)
    found = sorted(((part, place) for part, place in places if place in told), key=lambda one: one[1])
    return {part: _told(told[place]) for part, place in found}


def _told(stored: Any) -> LeadRecorded | LeadPatched:
    if "given" in stored:
        return msgspec.convert(stored, LeadPatched)
    return msgspec.convert(stored, LeadRecorded)


def record(found: Parts, consents: Mapping[str, Consent], opener: Opener) -> RecordView | None:
    """The household's record put together, each guardian's consent as it stands now; None where none was told."""
    if not found:
        return None
    *_, last = found.values()
    zone, goal = found.get("time_zone"), found.get("campaign_goal")
    return RecordView(
        event_id=last.event_id,
        recorded_at=last.recorded_at,
        guardians=_guardians(adults(found), consents, opener),
        children=_children(minors(found), opener),
        time_zone=zone and zone.time_zone,
        campaign_goal=goal and opener.text("campaign_goal", goal.campaign_goal),
        erased=opener.erased,
    )


def adults(found: Parts) -> tuple[Guardian, ...]:
    """The household's guardians."""
    return found["guardians"].guardians if "guardians" in found else ()


def minors(found: Parts) -> tuple[Child, ...]:
    """The household's children."""
    return found["children"].children if "children" in found else ()


def shown(row: RowMapping, opener: Opener) -> dict[str, Any]:
    """The fields of `ToldView` for one row of the view `interactions`."""
    event: Recorded = msgspec.convert(row["recorded"], TOPICS["interactions"].events[row["kind"]])
    found: dict[str, Any] = dict.fromkeys(("event", "record", "patch", "act"))
    match event:
        case InteractionRecorded():
            found["event"] = _interaction(event, opener)
        case LeadRecorded():
            found["record"] = record(dict.fromkeys(RECORD_PARTS, event), {}, opener)
        case LeadPatched():
            found["patch"] = _patch(event, opener)
        case _:
            found["act"] = _act(event, opener)
    return {"kind": row["kind"], **found, "erased": opener.erased}


def _interaction(event: InteractionRecorded, opener: Opener) -> InteractionEvent:
    return InteractionEvent(
        channel=event.channel,
        direction=event.direction,
        outcome=event.outcome,
        duration_s=event.duration_s,
        guardian_id=event.guardian_id,
        decision_id=event.decision_id,
        external_ref=opener.text("external_ref", event.external_ref),
        transcript=opener.text("transcript", event.transcript),
        opt_out=event.opt_out,
        urgent=event.urgent,
        classifier=event.classifier,
        buffered=event.buffered,
    )


def _patch(event: LeadPatched, opener: Opener) -> PatchView:
    given = event.given
    return PatchView(
        given=list(given),
        guardians=_guardians(event.guardians, {}, opener) if "guardians" in given else None,
        children=_children(event.children, opener) if "children" in given else None,
        time_zone=event.time_zone,
        campaign_goal=opener.text("campaign_goal", event.campaign_goal),
    )


def _act(event: Acts, opener: Opener) -> Act:
    """What the event and its view both have, with sealed words opened."""
    view = ACTS[type(event)]
    told = {name: getattr(event, name) for name in view.model_fields if name != "act"}
    shown = {n: opener.text(n, value) if isinstance(value, Sealed) else value for n, value in told.items()}
    act: Act = view(**shown)
    return act


ACTS: dict[type[Acts], type[Any]] = {
    ConsentTold: ConsentAct,
    EnrolmentTold: EnrolmentAct,
    AttendanceTold: AttendanceAct,
    PaymentTold: PaymentAct,
    StatusTold: StatusAct,
    DecisionAnswered: AnswerAct,
    ReminderSet: ReminderAct,
    ReminderAnswered: ReminderAnswerAct,
    ErasureTold: ErasureAct,
}
"""How each act is shown."""


def _guardians(
    told: Iterable[Guardian], consents: Mapping[str, Consent], opener: Opener
) -> list[GuardianView]:
    return [
        GuardianView(
            guardian_id=guardian.guardian_id,
            name=opener.text("name", guardian.name),
            phone=opener.text("phone", guardian.phone),
            email=opener.text("email", guardian.email),
            consent=consents.get(guardian.guardian_id, guardian.consent),
        )
        for guardian in told
    ]


def _children(told: Iterable[Child], opener: Opener) -> list[ChildView]:
    return [
        ChildView(
            child_id=child.child_id,
            name=opener.text("name", child.name),
            age=child.age,
            programme=opener.text("programme", child.programme),
        )
        for child in told
    ]
