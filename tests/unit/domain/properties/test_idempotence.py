"""Architecture 2.8 over every kind of event: told twice it is answered, and changes and teaches nothing."""

from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given as such_that
from hypothesis import settings
from hypothesis import strategies as st

from decider.service import build as build_decider
from domain.acts import ErasureTold, Recorded
from domain.events import InteractionRecorded, Repeated, Tick, TickEnriched
from domain.extraction import Extraction, skipped
from domain.records import Decision
from domain.states import Lead
from domain.threads import Thread
from domain.vocabulary import Channel, Direction, Verdict
from extractor.reading import Readers
from extractor.service import build as build_extractor
from runtime.driver import Driver, Written
from schemas.sealed import seal
from schemas.topics import TICK_KEY, TOPICS
from tests import given
from tests.keyring import MemoryKeys
from tests.unit.domain.properties.stories import OFTEN, SAYS, VERSION, Step, Story, steps, stories
from tests.unit.domain.properties.telling import recorded

TOLD = [kind for kind in OFTEN if kind is not Repeated]
"""A repeat is nothing that anybody tells: the extractor says it of what was told."""


class Telling:
    """A story told to the extractor and the decider, every event with its words sealed."""

    def __init__(self, story: Story) -> None:
        self.story, self.keys, self.now = story, MemoryKeys(), given.NOON
        self.extractor: Driver[Thread] = Driver(build_extractor(self.keys, Readers(rules=self._heard)))
        learned = story.learned
        self.decider: Driver[Lead] = Driver(build_decider(lambda: learned), lambda: {"default": VERSION})
        self.decisions: list[Decision] = []

    def _heard(self, words: str, _channel: Channel, _direction: Direction) -> Extraction[str]:
        return self.story.steps[int(words)].extraction or skipped()

    def event(self, step: Step, ordinal: int) -> Recorded | Tick:
        self.now += step.gap
        if step.kind is TickEnriched:
            return Tick(self.now)
        event = recorded(step, ordinal, self.now, self.decisions)
        if not isinstance(event, InteractionRecorded):
            return event
        sealed = seal(self.keys.of(event.lead_id), event.event_id, "transcript", str(ordinal))
        return replace(event, transcript=sealed)

    def send(self, event: Recorded | Tick) -> list[Written]:
        """What the decider writes, but for its changelog."""
        key = TICK_KEY if isinstance(event, Tick) else event.lead_id
        enriched = [each for each in self.extractor.send(key, event) if each.topic == "enriched"]
        written = [one for each in enriched for one in self.decider.send(each.key, each.value)]
        self.decisions += [each.value for each in written if each.topic == "decisions"]
        return [each for each in written if each.topic != "leads"]

    def lead(self, event: Recorded) -> Lead:
        found = self.decider.partition.get(event.lead_id)
        assert found is not None
        return found


def assert_changes_nothing(telling: Telling, event: Recorded, verdict: Verdict) -> None:
    """Answered with the verdict, and nothing written or kept beside the household's next number."""
    before = telling.lead(event)

    (answer,) = telling.send(event)

    assert answer.topic == "decisions"
    assert (answer.value.verdict, answer.value.action) == (verdict, None)
    assert answer.value.cause_event_id == event.event_id
    assert answer.value.sequence == before.sequence
    assert telling.lead(event) == replace(before, sequence=before.sequence + 1)


def another_body(event: Recorded, later: datetime) -> Recorded:
    """The id again, under a body that says something else and is told later."""
    return replace(event, body_hash=b"another body", recorded_at=later, occurred_at=later)


@settings(max_examples=25)
@such_that(stories(steps(TOLD), most=14), st.booleans())
def test_2_8_every_event_told_twice_changes_nothing_and_teaches_nothing(story: Story, late: bool) -> None:
    """At once, and once more when everything has been told; under another body it is a conflict."""
    telling, told = Telling(story), list[Recorded]()
    for ordinal, step in enumerate(story.steps):
        event = telling.event(step, ordinal)
        telling.send(event)
        if isinstance(event, Tick):
            telling.send(event)
            continue
        told.append(event)
        if not late:
            assert_changes_nothing(telling, event, Verdict.DUPLICATE)

    for event in told:
        assert_changes_nothing(telling, event, Verdict.DUPLICATE)
        later = another_body(event, telling.now + timedelta(minutes=1))
        assert_changes_nothing(telling, later, Verdict.CONFLICT)


@settings(max_examples=12)
@such_that(stories(steps([kind for kind in TOLD if kind is not TickEnriched]), most=14))
def test_2_8_a_log_with_every_event_twice_is_decided_like_the_log_with_each_once(story: Story) -> None:
    """But for time itself: the id of what time alone causes counts the answers until then."""
    once, twice = Telling(story), Telling(story)
    for ordinal, step in enumerate(story.steps):
        first = once.send(once.event(step, ordinal))
        event = twice.event(step, ordinal)
        again = twice.send(event)
        twice.send(event)

        assert [plain(each.value) for each in again] == [plain(each.value) for each in first]


def plain(value: Any) -> Any:
    """Without what counts messages."""
    counted = {"sequence", "root_offset"} & {field.name for field in fields(value)}
    return replace(value, **dict.fromkeys(counted, 0))


def test_2_8_the_stories_tell_every_kind_of_event() -> None:
    told = {kind for kind in SAYS if kind not in (TickEnriched, Repeated)}

    assert told == {
        kind for kind in TOPICS["interactions"].events.values() if kind not in (Tick, ErasureTold)
    }
    assert set(SAYS) >= {Repeated, TickEnriched}
    assert set(SAYS) <= set(OFTEN)
