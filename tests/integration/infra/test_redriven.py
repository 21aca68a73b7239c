"""What a mended service makes of redriven letters, on a real broker: answered once, checked, replayed and rebuilt."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from analysis.replay import replay
from decider.service import build as build_decider
from decider.tables import POLICIES, Q_TABLE, learned
from domain.events import Tick
from extractor.service import build as build_extractor
from infra.cli.replay import read as records
from infra.dead import letters
from infra.invariants.catalogue import check
from infra.invariants.reading import read as picture
from infra.rebuild import rebuild
from infra.redrive import Choice, redrive
from learner.service import build as build_learner
from runtime.errors import Rejected
from runtime.global_table import GlobalTable
from runtime.settings import Settings
from runtime.transform import Record, Transform
from schemas.codec import encode
from schemas.topics import TICK_KEY
from tests import given
from tests.broker import events, eventually, read, write
from tests.integration.runtime.loops import processing
from tests.keyring import MemoryKeys

LEAD = b"fam-1"
BY_EXTRACTOR, BY_DECIDER = (1, 4), (2, 3)
"""Root offsets that the broken release of each service sets aside."""


def broken(transform: Transform[Any], roots: tuple[int, ...]) -> Transform[Any]:
    """A release with an error in it."""
    plain = transform.handle

    def handle(state: Any, record: Any) -> Any:
        if isinstance(record, Record) and getattr(record.value, "root_offset", record.offset) in roots:
            raise Rejected("an error of this release")
        return plain(state, record)

    return replace(transform, handle=handle)


@contextmanager
def services(
    settings: Settings, by_extractor: tuple[int, ...], by_decider: tuple[int, ...]
) -> Iterator[None]:
    values, policies = GlobalTable(Q_TABLE, settings), GlobalTable(POLICIES, settings)
    decider = build_decider(lambda: learned(values.view, policies.view))
    with (
        processing(settings, broken(build_extractor(MemoryKeys()), by_extractor)),
        processing(settings, build_learner()),
    ):
        eventually(lambda: read(settings, "q-table"), "the seeded table")
        with processing(settings, broken(decider, by_decider), (values, policies)):
            yield


def tell(settings: Settings, *said: Any) -> None:
    keyed = [
        (TICK_KEY.encode() if isinstance(one, Tick) else LEAD, encode("interactions", one)) for one in said
    ]
    write(settings, "interactions", *keyed, partition=0)


def settled(settings: Settings) -> bool:
    history = picture(settings)
    return history.waiting == 0 and bool(history.of("decisions"))


def held(settings: Settings) -> list[str]:
    return [violation.what for result in check(picture(settings)) for violation in result.violations]


def answered(settings: Settings) -> list[int]:
    return [one.value.root_offset for one in events(settings, "decisions")]


def test_redriven_letters_are_answered_once_and_late_and_everything_holds(configured: Settings) -> None:
    calls = [given.recorded(given.later(hours=hour), hour) for hour in range(1, 5)]
    with services(configured, BY_EXTRACTOR, BY_DECIDER):
        tell(configured, given.recorded_lead(), *calls, Tick(given.later(hours=6)))
        eventually(lambda: settled(configured), "all is answered or set aside")
    before = [each.letter.place for each in letters(configured)]

    assert before == ["extractor/0/0", "extractor/0/1", "decider/0/0", "decider/0/1"]
    assert (answered(configured), held(configured)) == ([0], [])

    redrive(configured, Choice(("decider/0/1",)))
    redrive(configured, Choice(group="extractor"))
    assert held(configured) == [], "what is redriven and not taken yet is waiting"
    assert picture(configured).waiting == 3
    with services(configured, (), ()):
        tell(configured, given.recorded(given.later(hours=7), 7), Tick(given.later(days=9)))
        eventually(lambda: settled(configured) and 1 in answered(configured), "the late answers")

    found = answered(configured)
    assert sorted(root for root in found if root != 7) == [0, 1, 3, 4, 6]
    assert found.index(1) < found.index(4), "in the order of the letters"
    assert held(configured) == []
    report = replay(records(configured))
    assert (report.differing, report.waiting) == ([], 1), "one letter still waits"
    assert report.alike["decisions"] == len(found)
    folded = {(each.topic, each.partition): each for each in rebuild(configured, dry_run=True)}
    assert {each.differing for each in folded.values()} == {0}
    assert folded["leads", 0].keys == folded["threads", 0].keys == 1
