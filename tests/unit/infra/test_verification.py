"""What counts as a word that stands somewhere, and what is too short to tell."""

from pathlib import Path

import pytest

from infra import verification
from infra.verification import Search, TooShort, Words


@pytest.mark.parametrize(
    "data",
    [
        "said Zoë Quackenbush today".encode(),
        "SAID ZOë QUACKENBUSH".encode(),
        rb'{"name": "Zo\u00eb Quackenbush"}',
        b"\\x" + "Zoë Quackenbush".encode().hex().encode(),
    ],
)
def test_a_word_is_seen_as_text_in_any_case_as_json_and_as_hex(data: bytes) -> None:
    assert list(Words(["Other Name", "Zoë Quackenbush"]).within(data)) == [2]


def test_other_words_are_not_seen() -> None:
    assert list(Words(["Quackenbush"]).within(b"Quackenbusch, Quacken bush")) == []


@pytest.mark.parametrize("words", [[], ["", "  "], ["Quackenbush", "Ann"]])
def test_too_short_or_none_is_refused_without_repeating_it(words: list[str]) -> None:
    with pytest.raises(TooShort) as refused:
        Words(words)
    assert "Ann" not in str(refused.value)


def test_files_are_searched_across_their_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "CHUNK", 16)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.log").write_text("0123456789 Quackenbush was here")
    (tmp_path / "b.csv").write_text("nothing")
    search = Search(Words(["Quackenbush"]))

    search.files(tmp_path)

    report = search.report()
    assert [(one.word, one.place) for one in report.found] == [(1, "file logs/a.log")]
    assert report.looked["files"] == 2


def test_what_cannot_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.log"
    path.write_text("x")

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    search = Search(Words(["Quackenbush"]))
    search.files(tmp_path)
    assert search.report().not_looked == ("file a.log: Permission denied",)
