"""I6 of dead letters, which the log forgets before their view does, and of search, which needs keys to be folded."""

from dataclasses import replace

from infra.invariants.catalogue import check
from infra.invariants.history import History, Projection
from infra.invariants.views import Fold
from runtime.letters import CLASS, DISCARDS, REDRIVE
from runtime.transform import Headers, Message
from tests import given

PLACE = ("extractor.dead", 0)
HEADERS: Headers = [("dead-topic", b"interactions"), ("dead-partition", b"0"), ("dead-offset", b"7")]


def letter(offset: int) -> Message:
    headers = [*HEADERS, (CLASS, b"Undecodable")]
    return Message(*PLACE, offset, b"fam-1", b"nonsense", headers, given.NOON)


def note(offset: int, of: int) -> Message:
    return Message(*PLACE, offset, b"fam-1", None, [(DISCARDS, f"extractor/0/{of}".encode())], given.NOON)


def given_back(of: int) -> Message:
    headers = [(REDRIVE, f"extractor/0/{of}".encode())]
    return Message("extractor.redrive", 0, 0, b"fam-1", b"nonsense", headers, given.NOON)


def folded(*messages: Message, until: int = 9) -> Projection:
    fold = Fold({PLACE: until, ("extractor.redrive", 0): 1})
    for each in messages:
        fold.add(each, None)
    return fold.beside({})


WHOLE = folded(letter(0), letter(1), note(2, 0), letter(3), given_back(1))
AS_IT_IS = replace(WHOLE, held=dict(WHOLE.folded))


def wrong(found: Projection) -> list[tuple[str, str]]:
    results = check(History({}, {}, projection=found))
    return [(one.key, one.what) for each in results for one in each.violations if one.invariant == "I6"]


def test_letters_and_what_became_of_them_are_the_log_s() -> None:
    assert len(AS_IT_IS.held) == 3
    assert wrong(AS_IT_IS) == []


def test_a_letter_that_the_view_lacks_is_told() -> None:
    held = {place: row for place, row in AS_IT_IS.held.items() if place[1][2] != 3}
    assert wrong(replace(AS_IT_IS, held=held)) == [("extractor|0|3", "the row is missing")]


def test_a_letter_that_the_log_lacks_is_told() -> None:
    ((name, _key), row), *_ = AS_IT_IS.held.items()
    held = {**AS_IT_IS.held, (name, ("extractor", 0, 5)): row}
    assert wrong(replace(AS_IT_IS, held=held)) == [("extractor|0|5", "no record of the log gives this row")]


def test_a_letter_that_was_given_back_says_so() -> None:
    held = {place: {**row, "redriven_at": None} for place, row in AS_IT_IS.held.items()}
    assert wrong(replace(AS_IT_IS, held=held)) == [("extractor|0|1", "redriven_at is not what the log says")]


def test_what_the_log_has_let_go_of_is_not_looked_at() -> None:
    later = folded(letter(3), given_back(1))
    assert wrong(replace(later, held=dict(AS_IT_IS.held))) == []
    nothing = folded()
    assert wrong(replace(nothing, held=dict(AS_IT_IS.held))) == []


def test_beyond_the_position_nothing_is_due() -> None:
    assert wrong(folded(letter(0), letter(1), until=0)) == []


def test_a_row_of_search_without_a_record_is_told() -> None:
    assert wrong(replace(AS_IT_IS, strays=[("fam-9", "fam-9/g/g1")])) == [
        ("fam-9|fam-9/g/g1", "no record that was applied gives this row")
    ]
