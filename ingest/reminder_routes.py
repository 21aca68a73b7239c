"""The routes of reminders: what operators ask to be reminded of, and what they say to each."""

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from ingest import examples
from ingest.act_routes import ActsDesk
from ingest.bodies import Accepted
from ingest.reminder_bodies import DismissalBody, DoneBody, ReminderAnswerBody, ReminderBody, SnoozeBody
from ingest.reminders import accept_reminder, accept_reminder_answer
from ingest.requests import HEADERS, id_in, origin, parsed
from runtime.openapi import JsonRoute, Operation
from runtime.problems import Problem
from runtime.tokens import Scope

REMINDER = {"reminder_id": "the id of the event that set it, or of the decision that it came with"}
PROBLEMS = {
    "404": "No reminder with this id is known here, or not yet.",
    "409": "The reminder is not open any more.",
}

_REMINDER = TypeAdapter(ReminderBody)
_SNOOZE: TypeAdapter[ReminderAnswerBody] = TypeAdapter(SnoozeBody)
_DISMISSAL: TypeAdapter[ReminderAnswerBody] = TypeAdapter(DismissalBody)
_DONE: TypeAdapter[ReminderAnswerBody] = TypeAdapter(DoneBody)


@dataclass(frozen=True, slots=True)
class RemindersDesk:
    """The desk of acts, for those that are about reminders."""

    acts: ActsDesk

    async def reminder(self, request: Request) -> Response:
        """Take that a household is to be remembered."""
        sender = origin(request, Scope.OPERATE)
        return await self.acts.desk.take(request, sender, _REMINDER, accept_reminder)

    async def snooze(self, request: Request) -> Response:
        """Take that a reminder is due at another moment."""
        return await self._to_reminder(request, _SNOOZE)

    async def dismissal(self, request: Request) -> Response:
        """Take that a reminder is dropped."""
        return await self._to_reminder(request, _DISMISSAL)

    async def done(self, request: Request) -> Response:
        """Take that what a reminder is about was done."""
        return await self._to_reminder(request, _DONE)

    async def _to_reminder(self, request: Request, adapter: TypeAdapter[ReminderAnswerBody]) -> Response:
        sender = origin(request, Scope.OPERATE)
        body = parsed(adapter, await request.body())
        reminder_id = id_in(request, "reminder_id", _unknown())
        found = await asyncio.to_thread(self.acts.decisions.reminder, reminder_id)
        if found is None:
            raise _unknown()
        accept = partial(accept_reminder_answer, found.lead_id, reminder_id)
        intake = await self.acts.desk.accepted(body, sender, accept)
        return await self.acts.settled(intake, sender, None if found.is_open else _closed())


def _unknown() -> Problem:
    return Problem(404, "not-found", "There is no such reminder here, or not yet.")


def _closed() -> Problem:
    detail = (
        "This reminder is not open any more: it was answered, or went with its decision. Set another one."
    )
    return Problem(409, "not-open", detail)


def routes(reminders: RemindersDesk) -> list[JsonRoute]:
    """The routes that write what is said about reminders."""
    one = "/api/reminders/{reminder_id}"
    asked = Operation("Ask to be reminded of a lead", ReminderBody, Accepted, HEADERS, examples.REMINDERS)
    snooze = _of_reminder("Snooze a reminder", SnoozeBody, examples.SNOOZES)
    dismissal = _of_reminder("Dismiss a reminder", DismissalBody, examples.DISMISSALS)
    done = _of_reminder("Tell that what a reminder is about was done", DoneBody, examples.DONE)
    return [
        JsonRoute("/api/reminders", reminders.reminder, asked),
        JsonRoute(f"{one}/snooze", reminders.snooze, snooze),
        JsonRoute(f"{one}/dismiss", reminders.dismissal, dismissal),
        JsonRoute(f"{one}/done", reminders.done, done),
    ]


def _of_reminder(summary: str, takes: type[ReminderAnswerBody], shown: dict[str, Any]) -> Operation:
    return Operation(summary, takes, Accepted, HEADERS, shown, path=REMINDER, problems=PROBLEMS)
