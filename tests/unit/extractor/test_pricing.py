"""What tokens cost, from the list of prices or one of your own."""

from pathlib import Path

import pytest

from extractor.pricing import Price, Usage, price_of
from runtime.errors import Misconfigured


def test_a_call_on_the_default_model_costs_what_the_list_says() -> None:
    price = price_of("gpt-6-luna")

    assert price.nanos(Usage(input=3000, output=400)) == 3000 * 100 + 400 * 500
    assert price.nanos(Usage(input=3000, cached=2000, written=500, output=0)) == (
        500 * 100 + 2000 * 10 + 500 * 125
    )


def test_a_model_that_is_not_listed_has_no_price() -> None:
    assert price_of("a-model-of-your-own") == Price()
    assert Price().nanos(Usage(10, 0, 0, 10)) == 0


def test_a_list_of_your_own(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    file.write_text('version = "mine-1"\n[tiny]\ninput = 1\ncached = 0\nwritten = 0\noutput = 2\n')

    assert price_of("tiny", file) == Price("mine-1", 1.0, 0.0, 0.0, 2.0)


@pytest.mark.parametrize(
    "text",
    [
        "version = ",
        "[tiny]\ninput = 1\ncached = 0\nwritten = 0\noutput = 2\n",
        'version = "1"\n[tiny]\ninput = 1\n',
        'version = "1"\n[tiny]\ninput = -1\ncached = 0\nwritten = 0\noutput = 2\n',
        'version = "1"\ntiny = 3\n',
    ],
)
def test_what_is_no_price_list_is_refused_by_name(tmp_path: Path, text: str) -> None:
    file = tmp_path / "prices.toml"
    file.write_text(text)

    with pytest.raises(Misconfigured, match=r"prices\.toml is no price list: .* it needs a `version`"):
        price_of("tiny", file)


def test_a_list_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="is no price list"):
        price_of("tiny", tmp_path / "none.toml")
