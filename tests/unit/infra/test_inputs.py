"""An input without an answer is a dead letter, or the answers were lost: then nothing is rebuilt from them."""

import pytest

from infra.inputs import refusing
from runtime.errors import Misconfigured
from runtime.transform import Message
from tests import given
from tests.unit.decider.test_order import answer

MESSAGE = Message("enriched", 3, 40, b"fam-1", None, [], None)
EVENT = given.contact(root_offset=50)


def test_an_input_that_others_have_passed_was_a_letter_though_none_is_kept() -> None:
    refusing([answer(20, 1), answer(51, 2)], ())(MESSAGE, EVENT)


def test_the_newest_input_is_a_letter_where_one_is_kept() -> None:
    refusing([answer(20, 1)], {40})(MESSAGE, EVENT)


def test_anything_else_says_that_answers_were_lost() -> None:
    for aside in ((), {50}):
        with pytest.raises(
            Misconfigured, match="enriched/3/40 was handled, but `decisions` has no answer to it"
        ):
            refusing([answer(20, 1)], aside)(MESSAGE, EVENT)
