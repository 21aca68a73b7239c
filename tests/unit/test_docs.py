"""The pages of `docs/` say what the code says: generated parts are fresh, every name and link leads somewhere."""

import re
from pathlib import Path

import pytest
import typer

from domain.vocabulary import Consent, Status, Verdict
from infra.cli.app import app as academy
from runtime.metrics import Metrics
from schemas.flow import kept, topic_table
from schemas.topic import Topic
from schemas.topics import TOPICS
from tests.docs import parts, routes
from tests.docs.console import NOT_RUN, Command, Done, commands, pages
from tests.docs.parts import PAGES, ROOT, named, own, rewritten
from tests.docs.story import story

TEXTS = {page.name: page.read_text("utf-8") for page in PAGES}
EACH = pytest.mark.parametrize("page", TEXTS)

LINES = 135
"""Of one page, without its generated parts."""

FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


def spans(text: str) -> list[str]:
    """What stands between backticks outside of blocks."""
    return re.findall(r"`([^`\n]+)`", FENCED.sub("", text))


def anchors(text: str) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@EACH
def test_generated_parts_are_as_the_code_makes_them(page: str) -> None:
    assert rewritten(TEXTS[page]) == TEXTS[page], "run: make docs"


def test_every_part_that_is_made_has_its_place() -> None:
    placed = [name for text in TEXTS.values() for name in named(text)]

    assert sorted(placed) == sorted(parts.parts())
    assert len(placed) > 10


def test_a_part_that_has_rotted_is_seen() -> None:
    rotten = TEXTS["decisions.md"].replace("0.989", "0.988")

    assert rotten != TEXTS["decisions.md"]
    assert rewritten(rotten) == TEXTS["decisions.md"]


def test_the_decision_is_what_the_page_says_around_its_figures() -> None:
    told = story()
    best = next(each for each in told.decision.actions if each.probability)

    assert told.decision.override is None
    assert (best.source, best.probability) == ("seeded", 1.0)
    assert told.decision.contact is not None
    assert told.decision.contact.reasons == ("quiet_hours",)
    assert told.taught.decision_id == told.decision.decision_id
    assert told.taught.executed_action == told.decision.action
    assert (told.taught.elapsed_s // 86_400, told.after.visits) == (1, 1)


def test_every_word_of_the_domain_is_told() -> None:
    words = {word.value for kind in (Status, Consent, Verdict) for word in kind} - {Verdict.DECISION.value}

    assert words - set(spans(TEXTS["concepts.md"])) == set()


@EACH
def test_every_link_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", TEXTS[page])
    for link in links:
        name, _, anchor = link.partition("#")
        target = (ROOT / "docs" / name).resolve() if name else ROOT / "docs" / page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text("utf-8")), link


def test_the_index_lists_every_page_and_the_readme_the_index() -> None:
    linked = set(re.findall(r"\]\(([\w-]+\.md)\)", TEXTS["README.md"]))

    assert linked == TEXTS.keys() - {"README.md"}
    assert "`docs/README.md`" in ROOT.joinpath("README.md").read_text("utf-8")


@EACH
def test_every_file_that_is_named_is_there(page: str) -> None:
    made = {"status.json", "master.key", "openapi.json"}
    files = [
        span
        for span in spans(TEXTS[page])
        if re.fullmatch(r"[\w./-]*\.(?:py|md|toml|yaml|json|example)", span)
    ]

    assert [name for name in files if Path(name).name not in made and not ROOT.joinpath(name).exists()] == []


@EACH
def test_every_setting_that_is_named_is_one(page: str) -> None:
    known = set(
        re.findall(r"^#(ACADEMY_\w+)=", ROOT.joinpath(".env.example").read_text("utf-8"), re.MULTILINE)
    )

    assert set(re.findall(r"\bACADEMY_[A-Z_]+\b", TEXTS[page])) - known == set()


@EACH
def test_every_command_of_ours_that_is_named_is_one(page: str) -> None:
    found = re.findall(r"(?:\x60|bin/)academy ((?:[a-z-]+ ?){1,2})", TEXTS[page])
    assert [words for words in found if not _is_command(words.split())] == []

    targets = set(re.findall(r"^([a-z-]+):", ROOT.joinpath("Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:\x60|\$ )make ([a-z-]+)", TEXTS[page])) - targets == set()


def _is_command(words: list[str]) -> bool:
    command: object = typer.main.get_command(academy)
    for word in words:
        inner = getattr(command, "commands", None)
        if inner is None:
            return True  # what follows is an argument
        if word not in inner:
            return False
        command = inner[word]
    return True


@EACH
def test_every_path_that_is_named_is_served(page: str) -> None:
    known = {re.sub(r"\{\w+\}", "*", path) for path in routes.paths()}
    text = re.sub(r"https?://[\w.:]+", "", TEXTS[page])
    paths = re.findall(r"(?<![\w.])(?:/api|/healthz|/readyz|/metrics|/schemas)(?:/[\w{}*-]+)*", text)
    spelt = {
        re.sub(r"\{\w+\}|(?<=/nba/)docs-1|(?<=/nba/)fam-\w+|(?<=/exports/)\w+", "*", path) for path in paths
    }

    assert spelt - known - {"/api"} == set()


@EACH
def test_every_metric_that_is_named_is_counted(page: str) -> None:
    families = Metrics().registry.collect()
    counted = {family.name + ("_total" if family.type == "counter" else "") for family in families}

    assert set(re.findall(r"\bacademy_[a-z_]+\b", TEXTS[page])) - counted == set()


@EACH
def test_a_page_is_short(page: str) -> None:
    lines = own(TEXTS[page]).splitlines()

    assert len(lines) <= LINES
    assert max(len(line) for line in FENCED.sub("", own(TEXTS[page])).splitlines() if line[:1] != "|") <= 120


def test_what_is_not_run_is_on_a_page() -> None:
    every = [command for page in PAGES for command in commands(page)]

    assert len(every) > 30
    assert {start for start in NOT_RUN if not any(one.text.startswith(start) for one in every)} == set()
    assert {page.stem for page in pages()} >= {"running", "api", "operating"}


@pytest.mark.parametrize(
    ("shown", "written", "same"),
    [
        ((), (), True),
        ((), ("something",), False),
        (("a b",), ("a    b  ",), True),
        (("id …, of …",), ("id 7, of fam-1",), True),
        (("id …, of …",), ("id 7",), False),
        (("first", "…", "last"), ("first", "x", "y", "last"), True),
        (("first", "…", "last"), ("first", "last"), True),
        (("first", "…", "last"), ("first", "x"), False),
        (("a.c",), ("abc",), False),
    ],
)
def test_an_output_is_held_to_its_shape(shown: tuple[str, ...], written: tuple[str, ...], same: bool) -> None:
    assert Done(Command("true", shown), 0, written).is_as_shown is same
    assert not Done(Command("true", shown), 1, written).is_as_shown, "a command that fails is not as shown"


def test_how_long_a_topic_keeps_its_records_is_said_in_words() -> None:
    def topic(**config: str) -> Topic:
        return Topic("calls", "About.", "lead id|x", "leads", ("ingest",), ("desk",), {}, config)

    assert kept(topic(**{"cleanup.policy": "compact"})) == "the latest of each key"
    assert kept(topic(**{"retention.ms": "-1"})) == "for ever"
    assert kept(topic(**{"retention.ms": "86400000"})) == "24 h"
    assert kept(topic(**{"retention.ms": str(30 * 86_400_000)})) == "30 days"
    assert "| lead id\\|x | 12 | for ever |" in topic_table([topic(**{"retention.ms": "-1"})], leads=12)
    assert [line.split("`")[1] for line in parts.parts()["topics"].splitlines()[2:]] == list(TOPICS)
