"""What a history cannot tell is said in a sentence, and never taken for a violation or for a proof."""

from dataclasses import replace

from infra.invariants.catalogue import check
from infra.invariants.history import Entry, History, Open, Projection
from infra.invariants.views import Fold
from schemas.topics import TOPICS
from tests import given
from tests.unit.infra.invariants.complete import complete, message, projection

EMPTY = complete(History({topic: [] for topic in TOPICS}, {}))


def unknown(history: History) -> dict[str, str]:
    """By invariant, why it was not checked."""
    return {result.invariant.name: result.unknown for result in check(history) if result.unknown}


def test_views_records_and_transactions_that_nobody_looked_at_are_named() -> None:
    told = unknown(History({}, {}))

    assert told.keys() == {"I6", "I8", "I10"}


def test_i8_waits_until_nothing_waits() -> None:
    event = given.recorded()
    waiting = replace(
        EMPTY, entries={**EMPTY.entries, "interactions": [Entry("interactions", 0, 0, "fam-1", event)]}
    )

    assert unknown(waiting) == {
        "I8": "1 records wait for a reader: ask again once the services have caught up"
    }
    assert unknown(replace(waiting, settled={("interactions", 0): 1})) == {}


def test_i8_waits_for_the_views_too_and_never_hides_a_transaction_that_hangs() -> None:
    behind = replace(EMPTY, projection=Projection({}, {}, waiting=3))

    assert "3 records wait" in unknown(behind)["I8"]
    (found,) = (
        result for result in check(replace(behind, open=(Open("leads", 1, 4, 6),))) if result.violations
    )
    assert (found.invariant.name, found.unknown) == ("I8", "")


def test_i6_leaves_out_what_compaction_may_have_taken_beyond_the_position() -> None:
    """The view stands at the key's first record; the log has kept only a later one, which the view has not applied."""
    first = Entry("policies", 0, 0, "parameters", given.PARAMETERS)
    held = projection(History({"policies": [first]}, {}), {("policies", 0): 1}).held
    fold = Fold({("policies", 0): 1})
    fold.add(message(replace(first, offset=2)), first.value)

    found = fold.beside(held)

    assert (len(found.held), found.folded) == (1, {})
    assert wrong_rows(found) == []
    assert wrong_rows(replace(found, later={})) == ["parameters"]


def wrong_rows(found: Projection) -> list[str]:
    results = check(replace(EMPTY, projection=found))
    return [
        violation.key for result in results for violation in result.violations if violation.invariant == "I6"
    ]
