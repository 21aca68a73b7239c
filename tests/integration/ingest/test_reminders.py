"""Whose a reminder is and whether it is open, asked of the views as they are written; then all of it over HTTP."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from pydantic import SecretStr

from domain.acts import ReminderAnswered, ReminderSet
from domain.events import derived_id
from domain.vocabulary import ReminderAnswer
from ingest.clock import wall
from ingest.decisions import DecisionsView, FoundReminder
from ingest.service import build
from ingest.settings import IngestSettings
from projections.service import build as build_views
from runtime.errors import NotReady
from runtime.keys import Keys
from runtime.outlet import Outlet
from runtime.settings import Settings
from schemas.codec import decode
from schemas.sealed import unseal
from tests import given
from tests.broker import eventually, read
from tests.integration.projections.sink import Sink
from tests.unit.projections.household import Story
from tests.unit.runtime.asgi import Client, client_of

LEAD, SECRET = "lead-ada", "a-secret-of-the-tests"
HEADERS = {"Authorization": f"Bearer {SECRET}"}


@pytest.fixture
def sink(settings: Settings, keys: Keys) -> Iterator[Sink]:
    """The schema is there with its keys."""
    assert settings.postgres
    with Sink(settings.postgres.get_secret_value(), settings.schema_name, build_views()) as opened:
        yield opened


@pytest.fixture
def story(keys: Keys, sink: Sink) -> Story:
    """A household with the reminder of its decision, and one that an operator set."""
    told = Story(keys, LEAD, partition=1)
    told.record()
    told.reminder(given.later(hours=1), given.later(hours=9))
    sink.apply(told.records)
    return told


@pytest.fixture
def view(settings: Settings, story: Story) -> DecisionsView:
    return DecisionsView(IngestSettings(**settings.model_dump()))


def brought(story: Story) -> str:
    return story.answers[0].decision.decision_id


def asked(story: Story) -> str:
    found: str = story.of("interactions")[1].value.event_id
    return found


def test_x1_both_kinds_are_known_by_their_ids(view: DecisionsView, story: Story) -> None:
    assert view.reminder(brought(story)) == FoundReminder(LEAD)
    assert view.reminder(asked(story)) == FoundReminder(LEAD)
    assert view.reminder(story.of("interactions")[0].value.event_id) is None
    assert view.reminder(story.answers[1].decision.decision_id) is None
    assert view.reminder(derived_id(LEAD, LEAD, "test")) is None


def test_x1_what_was_answered_is_not_open_and_what_was_snoozed_is(
    view: DecisionsView, story: Story, sink: Sink
) -> None:
    story.remind(given.later(hours=2), asked(story), ReminderAnswer.SNOOZED, given.later(hours=20))
    sink.apply(story.records)
    assert view.reminder(asked(story)) == FoundReminder(LEAD)

    story.remind(given.later(hours=3), asked(story), ReminderAnswer.DISMISSED)
    sink.apply(story.records)
    assert view.reminder(asked(story)) == FoundReminder(LEAD, is_open=False)
    assert view.reminder(brought(story)) == FoundReminder(LEAD)

    story.call(given.later(hours=4))
    sink.apply(story.records)
    assert view.reminder(brought(story)) == FoundReminder(LEAD, is_open=False)


def test_x1_one_that_no_state_has_counted_yet_is_not_known(
    view: DecisionsView, story: Story, sink: Sink
) -> None:
    """`interactions` and `decisions` may be applied before `leads`: that is not yet, and not closed."""
    first = len(story.records)
    event = story.reminder(given.later(hours=2), given.later(hours=30))
    new = story.records[first:]

    sink.apply([one for one in new if one.topic == "interactions"])
    assert view.reminder(event.event_id) is None
    sink.apply([one for one in new if one.topic == "decisions"])
    assert view.reminder(event.event_id) is None
    sink.apply(new)
    assert view.reminder(event.event_id) == FoundReminder(LEAD)


def test_one_id_in_two_households_is_the_open_one(
    view: DecisionsView, story: Story, sink: Sink, keys: Keys
) -> None:
    other = Story(keys, "lead-grace", partition=1, offset=50)
    other.record()
    other.tell(replace(story.of("interactions")[1].value, lead_id="lead-grace"))
    other.remind(given.later(hours=3), asked(story), ReminderAnswer.DISMISSED)
    sink.apply(other.records)
    assert view.reminder(asked(story)) == FoundReminder(LEAD)

    story.remind(given.later(hours=3), asked(story), ReminderAnswer.DISMISSED)
    other.tell(replace(story.of("interactions")[1].value, lead_id="lead-grace"))
    for told in (story, other):
        sink.apply(told.records)
    assert view.reminder(asked(story)) == FoundReminder("lead-grace")


def test_a_schema_that_is_not_there_yet_is_not_ready(settings: Settings) -> None:
    with pytest.raises(NotReady, match="academy db migrate"):
        DecisionsView(settings).reminder(derived_id(LEAD, LEAD, "test"))


@pytest.fixture
def web(settings: Settings, keys: Keys) -> Iterator[Client]:
    own = IngestSettings(**settings.model_dump(), tokens=SecretStr(f"desk:{SECRET}:operate"), clock_seconds=0)
    with Outlet(own) as outlet, client_of(build(own, outlet, keys, DecisionsView(own), wall)) as client:
        eventually(lambda: client.get("/readyz").json()["ready"], "readiness")
        yield client


def test_x1_what_is_said_of_reminders_lands_on_the_log(
    settings: Settings, story: Story, sink: Sink, web: Client, keys: Keys
) -> None:
    def post(path: str, body: dict[str, str]) -> int:
        return web.post(f"/api/reminders{path}", json=body, headers=HEADERS).status_code

    soon = wall().isoformat()
    assert post("", {"lead_id": LEAD, "due_at": soon, "note": "Ask Kim", "occurred_at": soon}) == 202
    assert post(f"/{asked(story)}/snooze", {"until": soon, "occurred_at": soon}) == 202
    assert post(f"/{asked(story)}/done", {}) == 202
    assert post(f"/{brought(story)}/dismiss", {}) == 202
    assert post(f"/{derived_id(LEAD, LEAD, 'test')}/done", {}) == 404
    story.remind(given.later(hours=3), asked(story), ReminderAnswer.DONE)
    sink.apply(story.records)
    assert post(f"/{asked(story)}/done", {}) == 409

    messages = read(settings, "interactions")
    told, *said = [decode("interactions", message.value or b"") for message in messages]
    assert {message.key for message in messages} == {LEAD.encode()}
    assert isinstance(told, ReminderSet)
    assert told.note
    assert unseal(keys.of(LEAD), "note", told.note) == "Ask Kim"
    assert all(isinstance(one, ReminderAnswered) for one in said)
    assert [(one.reminder_id, one.answer.value) for one in said] == [
        (asked(story), "snoozed"),
        (asked(story), "done"),
        (brought(story), "dismissed"),
    ]
