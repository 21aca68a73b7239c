"""`academy state rebuild` over a real broker: the state is as it was, nothing is emitted, and the services go on."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from decider.service import build as build_decider
from decider.tables import POLICIES, Q_TABLE, learned
from infra.members import StillRunning
from infra.offsets import place
from infra.rebuild import rebuild
from learner.service import build as build_learner
from runtime import clients
from runtime.errors import Misconfigured, RuntimeFault
from runtime.global_table import GlobalTable
from runtime.settings import Settings
from runtime.shelf import DUE
from schemas.codec import encode
from schemas.topics import POSITION_KEY
from tests import given
from tests.broker import events, eventually, read, write
from tests.integration.runtime.loops import Loop, processing

RECORD = given.recorded_lead()
KEY = RECORD.lead_id.encode()


@contextmanager
def services(settings: Settings) -> Iterator[Loop]:
    """Extractor, learner and decider."""
    values, policies = GlobalTable(Q_TABLE, settings), GlobalTable(POLICIES, settings)
    decider = build_decider(lambda: learned(values.view, policies.view))
    with processing(settings), processing(settings, build_learner()):
        eventually(lambda: read(settings, "q-table"), "the seeded table")
        with processing(settings, decider, (values, policies)) as loop:
            yield loop


def told(settings: Settings, wanted: int, *said: object) -> None:
    write(settings, "interactions", *((KEY, encode("interactions", one)) for one in said), partition=0)
    eventually(lambda: len(events(settings, "decisions")) == wanted, f"{wanted} answers")


def ends(settings: Settings) -> dict[str, int]:
    return {topic: len(read(settings, topic)) for topic in ("enriched", "decisions", "transitions")}


def test_lost_state_is_folded_anew_and_the_next_answer_follows_on(configured: Settings) -> None:
    with services(configured):
        rejection = given.rejected(given.later(hours=1), "no-such-decision")
        told(configured, 2, RECORD, rejection)
    before = ends(configured)
    for topic in ("leads", "threads"):
        write(configured, topic, (KEY, None), (POSITION_KEY.encode(), None), partition=0)

    lost = {(each.topic, each.partition): each for each in rebuild(configured)}
    again = list(rebuild(configured, dry_run=True))

    assert (lost["leads", 0].keys, lost["leads", 0].differing) == (1, 1)
    assert (lost["threads", 0].keys, lost["threads", 0].differing) == (1, 1)
    assert sum(each.differing for each in lost.values() if each.topic == "q-table") == 0
    assert [each.differing for each in again] == [0] * len(lost)
    assert ends(configured) == before
    (lead,) = (each for each in read(configured, "leads")[-2:] if each.key == KEY)
    assert [name for name, _due in lead.headers] == [DUE], "a start need not read the state for it"
    with services(configured):
        told(configured, 3, given.rejected(given.later(hours=2), "another", 2))
        assert [one.value.sequence for one in events(configured, "decisions")] == [0, 1, 2]


def test_a_state_without_its_position_is_refused_at_the_start(configured: Settings) -> None:
    with services(configured):
        told(configured, 1, RECORD)
    write(configured, "leads", (KEY, None), (POSITION_KEY.encode(), None), partition=0)

    values, policies = GlobalTable(Q_TABLE, configured), GlobalTable(POLICIES, configured)
    decider = build_decider(lambda: learned(values.view, policies.view))
    with processing(configured, decider, (values, policies), None) as loop:
        failure = loop.ended(30)

    assert isinstance(failure, RuntimeFault)
    assert "run `academy state rebuild`" in str(failure)


def test_it_is_refused_while_a_service_holds_the_state(configured: Settings) -> None:
    with services(configured), pytest.raises(StillRunning, match="copies of extractor run"):
        list(rebuild(configured))


def test_what_was_handled_without_an_answer_is_refused_by_name_and_nothing_is_written(
    configured: Settings,
) -> None:
    for number in (0, 1):
        write(configured, "enriched", (KEY, encode("enriched", given.lead())), partition=number)
    handled = {("enriched", number): 1 for number in (0, 1)}
    place(clients.admin(configured), configured, "decider", {}, handled)

    with pytest.raises(Misconfigured, match="enriched/0/0 was handled, but `decisions` has no answer"):
        list(rebuild(configured))

    assert read(configured, "leads") == []
