"""Each input answered as the decider does it: what it does to the household, then what is decided (domain tests)."""

from collections.abc import Callable
from typing import Any

from domain import answers, erasure, membership, operators, reminders, statements
from domain.decisions import Answer, answered
from domain.effects import Effect
from domain.policies import Learned
from domain.records import Decision, Ruling
from domain.states import Lead
from schemas.codec import decode_part, encode


def ruling(decision: Decision) -> Ruling:
    """What a rebuild reads of an answer."""
    return decode_part("decisions", encode("decisions", decision), Ruling)


def _answering(effect: Callable[..., Effect]) -> Callable[..., Answer]:
    def answer(lead: Lead | None, *told: Any) -> Answer:
        """`told` ends with the learned values."""
        *said, learned = told
        assert isinstance(learned, Learned)
        return answered(effect(lead, *said, learned.parameters), learned)

    return answer


on_answer = _answering(operators.on_answer)
on_attendance = _answering(membership.on_attendance)
on_consent = _answering(statements.on_consent)
on_conversation = _answering(answers.on_conversation)
on_enrolment = _answering(statements.on_enrolment)
on_erasure = _answering(erasure.on_erasure)
on_interaction = _answering(answers.on_interaction)
on_lead = _answering(answers.on_lead)
on_payment = _answering(membership.on_payment)
on_reminder = _answering(reminders.on_reminder)
on_reminder_answer = _answering(reminders.on_reminder_answer)
on_repeat = _answering(answers.on_repeat)
on_status = _answering(statements.on_status)
on_time = _answering(answers.on_time)
