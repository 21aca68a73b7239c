"""The routes of acts: what the academy's own systems tell, and what operators say to leads and decisions."""

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from ingest import examples
from ingest.act_bodies import (
    AcceptanceBody,
    ActBody,
    AnswerBody,
    AttendanceBody,
    ConsentBody,
    CorrectionBody,
    EnrolmentBody,
    ExecutionBody,
    PaymentBody,
    RejectionBody,
    StatusBody,
)
from ingest.acts import (
    accept_answer,
    accept_attendance,
    accept_consent,
    accept_correction,
    accept_enrolment,
    accept_payment,
    accept_status,
)
from ingest.batches import known
from ingest.bodies import Accepted
from ingest.decisions import Decisions
from ingest.intake import Intake, Origin
from ingest.requests import HEADERS, LEAD, id_in, lead_in, origin, parsed
from ingest.routes import Desk
from runtime.openapi import JsonRoute, Operation
from runtime.problems import Problem
from runtime.tokens import Scope

DECISION = {"decision_id": "as the API and the topic give it"}
PROBLEMS = {
    "404": "No decision with this id is known here, or not yet.",
    "409": "The decision was superseded, or the id is that of a verdict.",
}

_CONSENT = TypeAdapter(ConsentBody)
_CORRECTION = TypeAdapter(CorrectionBody)
_ENROLMENT = TypeAdapter(EnrolmentBody)
_ATTENDANCE = TypeAdapter(AttendanceBody)
_PAYMENT = TypeAdapter(PaymentBody)
_STATUS = TypeAdapter(StatusBody)
_REJECTION: TypeAdapter[AnswerBody] = TypeAdapter(RejectionBody)
_ACCEPTANCE: TypeAdapter[AnswerBody] = TypeAdapter(AcceptanceBody)
_EXECUTION: TypeAdapter[AnswerBody] = TypeAdapter(ExecutionBody)


@dataclass(frozen=True, slots=True)
class ActsDesk:
    """The desk, and the views that say whose a decision is."""

    desk: Desk
    decisions: Decisions

    async def consent(self, request: Request) -> Response:
        """Take a consent as the family states it."""
        return await self.desk.take(request, origin(request, Scope.INGEST), _CONSENT, accept_consent)

    async def enrolment(self, request: Request) -> Response:
        """Take an enrolment of the academy's records."""
        return await self.desk.take(request, origin(request, Scope.INGEST), _ENROLMENT, accept_enrolment)

    async def attendance(self, request: Request) -> Response:
        """Take a session of the academy's records."""
        return await self.desk.take(request, origin(request, Scope.INGEST), _ATTENDANCE, accept_attendance)

    async def payment(self, request: Request) -> Response:
        """Take what came of a payment."""
        return await self.desk.take(request, origin(request, Scope.INGEST), _PAYMENT, accept_payment)

    async def consent_correction(self, request: Request) -> Response:
        """Take that a refusal was misread."""
        sender = origin(request, Scope.OPERATE)
        return await self.desk.take(
            request, sender, _CORRECTION, partial(accept_correction, lead_in(request))
        )

    async def status(self, request: Request) -> Response:
        """Take an operator's word on the status."""
        sender = origin(request, Scope.OPERATE)
        return await self.desk.take(request, sender, _STATUS, partial(accept_status, lead_in(request)))

    async def rejection(self, request: Request) -> Response:
        """Take that a decision is not to be carried out."""
        return await self._to_decision(request, _REJECTION)

    async def acceptance(self, request: Request) -> Response:
        """Take that a decision will be carried out."""
        return await self._to_decision(request, _ACCEPTANCE)

    async def execution(self, request: Request) -> Response:
        """Take what was carried out."""
        return await self._to_decision(request, _EXECUTION)

    async def _to_decision(self, request: Request, adapter: TypeAdapter[AnswerBody]) -> Response:
        sender = origin(request, Scope.OPERATE)
        body = parsed(adapter, await request.body())
        decision_id = id_in(request, "decision_id", _unknown())
        found = await asyncio.to_thread(self.decisions.lead_of, decision_id)
        if found is None:
            raise _unknown()
        if not found.is_decision:
            raise Problem(409, "no-decision", "This is a verdict: it proposes nothing to answer to.")
        accept = partial(accept_answer, found.lead_id, decision_id)
        intake = await self.desk.accepted(body, sender, accept)
        return await self.settled(intake, sender, _superseded() if found.superseded else None)

    async def settled(self, intake: Intake, sender: Origin, too_late: Problem | None) -> Response:
        """Write the act, unless it comes too late; a retry is not, for it may be what brought that about."""
        if too_late is not None and not await self._is_repeat(intake):
            raise too_late
        return await self.desk.answer(intake, sender)

    async def _is_repeat(self, intake: Intake) -> bool:
        """Whether this very act came before."""
        if known(intake, self.desk.answers) is not intake:
            return True
        event = intake.event
        return await asyncio.to_thread(self.decisions.answered, event.lead_id, event.event_id)


def _unknown() -> Problem:
    return Problem(404, "not-found", "There is no such decision here, or not yet.")


def _superseded() -> Problem:
    return Problem(409, "superseded", "A later decision has taken this one's place; answer that one.")


def routes(acts: ActsDesk) -> list[JsonRoute]:
    """The routes that write acts."""
    lead, decision = "/api/leads/{lead_id}", "/api/decisions/{decision_id}"
    consent = _told("Tell of a consent as the family states it", ConsentBody, examples.CONSENTS)
    enrolment = _told("Tell of a child's enrolment", EnrolmentBody, examples.ENROLMENTS)
    attendance = _told("Tell of a session that a child came to, or missed", AttendanceBody, examples.SESSIONS)
    payment = _told("Tell what came of a payment", PaymentBody, examples.PAYMENTS)
    correction = _of_lead("Undo a refusal that was misread", CorrectionBody, examples.CORRECTIONS)
    status = _of_lead("State a lead's status", StatusBody, examples.STATUSES)
    rejection = _of_decision("Reject a decision", RejectionBody, examples.REJECTIONS)
    acceptance = _of_decision("Accept a decision", AcceptanceBody, examples.ACCEPTANCES)
    execution = _of_decision("Tell what was carried out", ExecutionBody, examples.EXECUTIONS)
    return [
        JsonRoute("/api/consent", acts.consent, consent),
        JsonRoute("/api/enrolments", acts.enrolment, enrolment),
        JsonRoute("/api/attendance", acts.attendance, attendance),
        JsonRoute("/api/payments", acts.payment, payment),
        JsonRoute(f"{lead}/consent/correct", acts.consent_correction, correction),
        JsonRoute(f"{lead}/status", acts.status, status),
        JsonRoute(f"{decision}/reject", acts.rejection, rejection),
        JsonRoute(f"{decision}/accept", acts.acceptance, acceptance),
        JsonRoute(f"{decision}/executed", acts.execution, execution),
    ]


def _told(summary: str, takes: type[ActBody], shown: dict[str, Any]) -> Operation:
    return Operation(summary, takes, Accepted, HEADERS, shown)


def _of_lead(summary: str, takes: type[ActBody], shown: dict[str, Any]) -> Operation:
    return replace(_told(summary, takes, shown), path=LEAD)


def _of_decision(summary: str, takes: type[AnswerBody], shown: dict[str, Any]) -> Operation:
    return replace(_told(summary, takes, shown), path=DECISION, problems=PROBLEMS)
