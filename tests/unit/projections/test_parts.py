"""A view made anew decodes no more of an event than its rows need: the rows are those of the whole event."""

import pytest

from projections.service import every
from runtime.transform import Message
from runtime.views import Row, View, record_of, rows_of
from schemas.codec import encode
from schemas.registry import latest
from tests import given
from tests.unit.projections.household import Ring, Story
from tests.unit.schemas.examples import example

NAMES = [view.table.name for view in every(Ring()) if view.parts]


@pytest.fixture(params=NAMES)
def view(request: pytest.FixtureRequest, ring: Ring) -> View:
    """With the keys that the story is sealed with."""
    return next(each for each in every(ring) if each.table.name == request.param)


def messages(view: View, story: Story) -> list[Message]:
    """The story, and every event of the catalogue, on the view's topics."""
    told = [(each.topic, each.value) for each in story.records]
    events = told + [(schema.topic, example(schema)) for schema in latest().values()]
    return [
        Message(topic, 1, 7, b"fam-1", encode(topic, event), [], given.NOON)
        for topic, event in events
        if topic in view.rows
    ]


def rows(view: View, message: Message, whole: bool) -> list[Row]:
    record = record_of(message) if whole else record_of(message, view.parts)
    return [row for _view, row in rows_of([view], record)]


def test_parts_of_events_give_the_rows_of_whole_ones(view: View, story: Story) -> None:
    told = messages(view, story)
    wanted = [rows(view, each, whole=True) for each in told]

    assert [rows(view, each, whole=False) for each in told] == wanted
    assert any(wanted)


def test_what_gives_no_rows_is_not_decoded(view: View, story: Story) -> None:
    left = [record_of(each, view.parts).value for each in messages(view, story)]

    assert None in left
    assert {type(each) for each in left if each is not None} <= {*view.parts.values()}
