"""What every view promises, checked over all of them."""

from itertools import combinations

import pytest

from domain.events import Tick, TickEnriched
from projections.service import build
from runtime.transform import Record
from runtime.views import View
from schemas.position import Position
from schemas.topics import POSITION_KEY, TICK_KEY, TOPICS
from tests import given
from tests.unit.projections.household import Story, rows_of

VIEWS = build()


@pytest.fixture
def story(story: Story) -> Story:
    """With everything that there is a view of."""
    story.erase(given.later(days=90), "g/g9")
    return story


NOTHING = {
    "a tick": (TICK_KEY, Tick(given.NOON)),
    "a forwarded tick": (TICK_KEY, TickEnriched(given.NOON, 7)),
    "a position": (POSITION_KEY, Position(given.NOON, given.NOON, 7)),
    "a tombstone": ("fam-1", None),
}


@pytest.mark.parametrize("what", NOTHING)
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.table.name)
def test_what_is_no_event_of_a_view_gives_no_row(view: View, what: str) -> None:
    key, value = NOTHING[what]
    for topic, rows in view.rows.items():
        assert list(rows(Record(topic, 0, 0, key, value, given.NOON))) == []


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.table.name)
def test_rows_have_the_key_and_only_columns_of_the_table(view: View, story: Story) -> None:
    key = {column.name for column in view.table.primary_key}
    names = {column.name for column in view.table.columns}

    for topic, rows in view.rows.items():
        made = rows_of(rows, story.of(topic))
        assert made
        assert all(key <= set(row) <= names for row in made)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.table.name)
def test_rows_set_the_same_columns_or_share_only_the_key(view: View, story: Story) -> None:
    """Topics and column sets are written in no promised order."""
    key = {column.name for column in view.table.primary_key}
    sets = {
        frozenset(row) - key for topic, rows in view.rows.items() for row in rows_of(rows, story.of(topic))
    }

    assert all(not one & other for one, other in combinations(sets, 2))


def test_views_read_what_the_catalogue_gives_projections_to_read() -> None:
    read = {topic for view in VIEWS for topic in view.rows}

    assert all("projections" in TOPICS[topic].read_by for topic in read)
