"""What is kept of words: the same answers at a lower price, and never more than so many."""

from domain.memo import Memo


def test_a_word_is_asked_for_once() -> None:
    asked: list[str] = []

    def length(word: str) -> int:
        asked.append(word)
        return len(word)

    memo = Memo(length, 10)
    assert [memo["one"], memo["three"], memo["one"]] == [3, 5, 3]
    assert asked == ["one", "three"]


def test_odd_words_neither_fill_it_nor_stay() -> None:
    memo = Memo(len, 10)
    assert [memo[str(number)] for number in range(1000)] == [len(str(number)) for number in range(1000)]
    assert memo["x" * 200_000] == 200_000
    assert len(memo) <= 10
    assert max(map(len, memo)) < 100
