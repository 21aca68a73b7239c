"""Words weighed by a trained model: whole numbers, so that order and machine change nothing."""

from pathlib import Path

import pytest

from domain.linear import Feature, Linear, of_words, packed, read, unpacked, written

MODEL = Linear(
    ("no", "yes"),
    0.1,
    (3, 0),
    {
        "stop": packed((-20, 20)),
        ("not", "stop"): packed((40, -40)),
        "=label": packed((0, 10)),
        "~quitt": packed((0, 0)),
    },
)


def test_chances_sum_to_one_and_follow_the_weights() -> None:
    refused, kept = (MODEL.chances(of_words([said.split()])) for said in ("please stop", "do not stop"))
    assert sum(refused) == pytest.approx(1.0)
    assert refused[1] > 0.5 > kept[1]


def test_words_unknown_leave_the_bias() -> None:
    assert MODEL.chances(of_words([["zebra"]])) == MODEL.chances(set())
    assert MODEL.chances(set())[0] > MODEL.chances(set())[1]


def test_longer_words_that_begin_alike_are_of_a_kind() -> None:
    assert "~sched" in of_words([["schedule"]]) & of_words([["scheduling"]])
    assert not [one for one in of_words([["stops"]]) if one[0] == "~"]


def test_two_words_are_of_one_clause() -> None:
    assert ("not", "stop") in of_words([["not", ",", "stop"]])
    assert ("not", "stop") not in of_words([["not"], ["stop"]])


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "weights.txt"
    path.write_text(written(MODEL), "utf-8")
    assert read(path) == MODEL


def test_rows_are_added_as_a_whole() -> None:
    rows = [(-20, 20, 0), (5, -50, 60), (-1, -1, -1)]
    assert unpacked(sum(map(packed, rows)), 3) == (-16, -31, 59)


def test_a_part_further_back_counts_less_and_what_is_met_again_counts_once() -> None:
    last: set[Feature] = {"stop"}
    before: set[Feature] = {"stop", "=label"}
    once, both = MODEL.scores([last], 0.5), MODEL.scores([last, before], 0.5)
    bias = [0.1 * 3, 0.0]
    assert once == pytest.approx([bias[0] - 2 / 2**0.5, 2 / 2**0.5])
    assert both == pytest.approx([bias[0] - 2 / 2.25**0.5, (2 + 0.5) / 2.25**0.5])
