"""Copies that join, leave and collide under load: nothing lost, nothing twice, order per key."""

from runtime import clients
from runtime.errors import Fenced
from runtime.settings import Settings
from tests.broker import eventually
from tests.integration.runtime.answers import Feed, assert_each_answered_once_in_order, count
from tests.integration.runtime.loops import processing


def slot(settings: Settings, number: int) -> Settings:
    return settings.model_copy(update={"slot": number})


def test_a_second_copy_joins_and_leaves_under_load(settings: Settings) -> None:
    feed = Feed(settings)
    with processing(settings) as first:
        with feed.steady():
            with processing(slot(settings, 1), partitions=1) as second:
                first.await_partitions(1)
                taken = second.handled()
                eventually(lambda: second.handled() > taken + 20, "the second works")
            first.await_partitions(2)
        assert_each_answered_once_in_order(settings)


def test_a_second_copy_of_one_slot_fences_the_first_at_work(settings: Settings) -> None:
    feed = Feed(settings)
    with feed.steady(), processing(settings) as first:
        eventually(lambda: count(settings) > 0, "the first works")
        with processing(settings) as second:
            assert isinstance(first.ended(), Fenced)
            taken = second.handled()
            eventually(lambda: second.handled() > taken + 20, "the second works")

    with processing(settings):
        assert_each_answered_once_in_order(settings)


def test_a_second_copy_of_one_slot_ends_an_idle_first(settings: Settings) -> None:
    """At once where the group keeps a place for the slot, else with what the first would write next."""
    with processing(settings) as first, processing(settings, partitions=None) as second:
        if clients.protocol(settings) == "consumer":
            second.await_partitions(1)
        Feed(settings).write(40)
        assert isinstance(first.ended(), Fenced)
        second.await_partitions(2)
    with processing(settings):
        assert_each_answered_once_in_order(settings)
