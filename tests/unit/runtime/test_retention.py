"""Which key seals the words of a month, and when their time is over."""

from datetime import UTC, datetime

import pytest

from runtime.retention import FOR_EVER, Retention, retention_of
from runtime.settings import Settings

YEAR = Retention({"interaction": 365})
AT = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)


def test_words_without_a_limit_are_under_their_persons_own_key() -> None:
    assert FOR_EVER.dated("lead-ada/g/g1", "interaction", AT) == "lead-ada/g/g1"
    assert YEAR.dated("lead-ada", "act", AT) == "lead-ada"
    assert YEAR.dated("lead-ada", None, AT) == "lead-ada"


def test_words_with_one_are_under_their_months() -> None:
    assert YEAR.dated("lead-ada/g/g1", "interaction", AT) == "lead-ada/g/g1@interaction.2026-12"


@pytest.mark.parametrize(
    ("now", "over"),
    [
        (datetime(2027, 12, 31, 23, 59, tzinfo=UTC), False),
        (datetime(2028, 1, 1, tzinfo=UTC), True),
    ],
)
def test_a_month_is_over_once_it_has_ended_and_the_days_have_passed(now: datetime, over: bool) -> None:
    subject = "lead-ada@interaction.2026-12"
    assert list(YEAR.over([subject], now)) == ([subject] if over else [])


def test_nothing_else_is_ever_over() -> None:
    names = ["lead-ada", "lead-ada/g/g1", "lead-ada@act.2001-01", "lead-ada@interaction.soon"]
    assert list(YEAR.over(names, AT)) == []


def test_the_settings_name_days_or_keep_for_ever() -> None:
    assert retention_of(Settings()) == FOR_EVER
    assert retention_of(Settings(keep_acts_days=90)) == Retention({"act": 90})
