"""A story told to the decider as its log: every step as it stands on the topics, and all that comes of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from decider.service import build
from domain.acts import Recorded
from domain.events import InteractionEnriched, InteractionRecorded, Repeated, Sealed, TickEnriched, derived_id
from domain.extraction import Extraction, skipped, with_texts
from domain.records import Decision, Transition
from domain.states import Lead
from domain.vocabulary import Verdict
from extractor.forward import forward, passed_on
from runtime.driver import Driver, Written
from runtime.transform import Output, Record, Transform, Wake
from schemas.topics import TICK_KEY
from tests import given
from tests.unit.domain.properties.stories import VERSION, Step, Story


@dataclass(frozen=True)
class Handled:
    """One handled record or wake: the household before and after it, and everything that was written."""

    before: Lead | None
    told: Record | Wake
    after: Lead
    decision: Decision
    transitions: tuple[Transition, ...]


def recorded(step: Step, ordinal: int, at: datetime, decisions: list[Decision]) -> Recorded:
    """The step as ingest writes it; an act names one of the household's decisions, or one that nobody made."""
    made = [one.decision_id for one in decisions if one.lead_id == step.lead_id and one.action]
    named_one = made[-1 - step.of] if step.of < len(made) else derived_id(step.lead_id, "none", "decision")
    wanted = {field.name for field in fields(step.kind)}
    common = {
        "event_id": f"event-{ordinal}",
        "lead_id": step.lead_id,
        "recorded_at": at,
        "occurred_at": at - step.late,
        "decision_id": named_one,
        "actor": "operator",
        "body_hash": b"body",
        "duration_s": None,
        "urgent": False,
        "classifier": "none",
        "given": ("guardians", "children", "time_zone"),
        "buffered": False,
    }
    known = {name: value for name, value in common.items() if name in wanted} | step.says
    event: Recorded = step.kind(**dict.fromkeys(wanted) | known)
    return event


def enriched(step: Step, event: Recorded, root: int) -> Any:
    """The step as the extractor writes it."""
    if not isinstance(event, InteractionRecorded):
        return forward(event, root)
    told = ("channel", "direction", "outcome", "guardian_id", "decision_id", "opt_out")
    words = with_texts(step.extraction or skipped(), lambda _field, _text: given.WORDS)
    extraction: Extraction[Sealed] = words
    return InteractionEnriched(
        **passed_on(event, root), **{name: getattr(event, name) for name in told}, extraction=extraction
    )


class Telling:
    """A story told to the decider, a step at a time; `handled` is all that came of it."""

    def __init__(self, story: Story) -> None:
        self.story, self.handled = story, list[Handled]()
        transform = build(lambda: story.learned)
        self.driver = Driver(replace(transform, handle=self._noting(transform)), lambda: {"default": VERSION})
        self._now = given.NOON

    def events(self) -> Iterator[tuple[str, Any]]:
        """Key and event of each step; an act names a decision that was made until then."""
        told: list[Recorded] = []
        for ordinal, step in enumerate(self.story.steps):
            self._now += step.gap
            if step.kind is TickEnriched:
                yield TICK_KEY, TickEnriched(self._now, ordinal)
            elif step.kind is Repeated:
                if step.of < len(told):
                    yield told[-1 - step.of].lead_id, self._again(step, told[-1 - step.of], ordinal)
            else:
                decisions = [one.decision for one in self.handled]
                told.append(recorded(step, ordinal, self._now, decisions))
                yield step.lead_id, enriched(step, told[-1], ordinal)

    def _again(self, step: Step, event: Recorded, root: int) -> Repeated:
        again = derived_id(event.lead_id, event.event_id, "repeated", root)
        return Repeated(again, event.event_id, event.lead_id, root, self._now, step.says["verdict"])

    def all(self, after: Callable[[int], None] = lambda _ordinal: None) -> "Telling":
        """Every step, one after the other; `after` is told the number of each."""
        for ordinal, (key, event) in enumerate(self.events()):
            self.driver.send(key, event)
            after(ordinal)
        assert not [each for each in self.driver.log if each.topic.endswith(".dead")]
        return self

    def written(self) -> list[Written]:
        return self.driver.log

    def _noting(self, transform: Transform[Lead]) -> Any:
        def handle(before: Lead | None, told: Record | Wake) -> Any:
            after, outputs = transform.handle(before, told)
            values = [output.value for output in outputs if isinstance(output, Output)]
            if values:
                assert after is not None
                self.handled.append(Handled(before, told, after, values[-1], tuple(values[:-1])))
            return after, outputs

        return handle


def told(story: Story) -> list[Handled]:
    """All that came of a story, in order."""
    return Telling(story).all().handled


def decisions(story: Story) -> Iterator[Handled]:
    """The inputs and wakes that were answered by a decision."""
    return (each for each in told(story) if each.decision.verdict is Verdict.DECISION)
