"""The demo's families mean to the offline adapter what their story says, and keep to contact policy."""

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest

from domain.extraction import Extraction
from domain.vocabulary import Channel, Direction, Intent, Level, OptOut, Outcome, Sentiment
from extractor.offline_model import extract

DEMO = tomllib.loads((Path(__file__).parents[3] / "infra/demo/families.toml").read_text("utf-8"))
FAMILIES: dict[str, dict[str, Any]] = {family["lead_id"]: family for family in DEMO["family"]}

STORY = [
    # lead, interaction (from 0), intent, sentiment
    ("fam-mitchell", 0, "interested", "positive"),
    ("fam-mitchell", 1, "unclear", "neutral"),
    ("fam-mitchell", 2, "scheduling", "positive"),
    ("fam-mitchell", 3, "unclear", "neutral"),
    ("fam-mitchell", 4, "interested", "positive"),
    ("fam-okafor", 0, "objecting", "neutral"),
    ("fam-okafor", 1, "unclear", "neutral"),
    ("fam-okafor", 2, "considering", "neutral"),
    ("fam-okafor", 3, "considering", "neutral"),
    ("fam-lindqvist", 1, "unclear", "neutral"),
    ("fam-brandt", 0, "unclear", "neutral"),
    ("fam-brandt", 1, "unclear", "neutral"),
    ("fam-brandt", 2, "declining", "negative"),
    ("fam-ramirez", 0, "interested", "positive"),
    ("fam-ramirez", 1, "unclear", "neutral"),
    ("fam-ramirez", 2, "interested", "neutral"),
    ("fam-ramirez", 3, "unclear", "neutral"),
    ("fam-whitfield", 0, "considering", "neutral"),
    ("fam-whitfield", 1, "unclear", "neutral"),
    ("fam-whitfield", 2, "declining", "neutral"),
]


def said(lead: str, number: int) -> Extraction[str]:
    told = FAMILIES[lead]["interaction"][number]
    return extract(told["transcript"], Channel(told["channel"]), Direction(told["direction"]))


@pytest.mark.parametrize(("lead", "number", "intent", "sentiment"), STORY)
def test_the_story_is_heard(lead: str, number: int, intent: str, sentiment: str) -> None:
    heard = said(lead, number)
    assert (heard.intent, heard.sentiment) == (Intent(intent), Sentiment(sentiment))


def test_every_transcript_of_the_demo_is_in_the_story() -> None:
    told = {
        (lead, n) for lead, f in FAMILIES.items() for n, i in enumerate(f["interaction"]) if "transcript" in i
    }
    assert told == {(lead, number) for lead, number, *_ in STORY}


def test_only_the_mitchells_sign_up_and_only_the_brandts_opt_out() -> None:
    assert [row[:2] for row in STORY if said(*row[:2]).signed_up.value] == [("fam-mitchell", 4)]
    assert [row[:2] for row in STORY if said(*row[:2]).opt_out.verdict is not OptOut.NO] == [
        ("fam-brandt", 2)
    ]


def test_the_okafors_worry_about_money_the_drive_and_each_other() -> None:
    mail, call, later = said("fam-okafor", 0), said("fam-okafor", 2), said("fam-okafor", 3)
    assert [e.financial_signals.concern_level for e in (mail, call, later)] == [
        Level.HIGH,  # income lost
        Level.HIGH,  # cannot pay
        Level.MODERATE,
    ]
    assert "scholarship" in " ".join(mail.financial_signals.mentions)
    assert [o.topic_class.value for o in call.objections if not o.addressed] == ["financial", "distance"]
    assert call.family_context.decision_makers
    assert call.family_context.siblings
    assert [s.signal for s in mail.additional_signals] == ["job_loss"]


def test_the_whitfields_move_and_lucias_asthma_are_signals() -> None:
    assert [s.signal for s in said("fam-whitfield", 2).additional_signals] == ["moving"]
    assert "medical" in [s.signal for s in said("fam-ramirez", 0).additional_signals]


def when(family: dict[str, Any], entry: dict[str, Any]) -> datetime:
    day = datetime(2026, 3, 2, tzinfo=ZoneInfo(family["time_zone"])) + timedelta(days=entry["day"])
    hour, minute = map(int, entry["time"].split(":"))
    return day.replace(hour=hour, minute=minute)


@pytest.mark.parametrize("lead", FAMILIES)
def test_history_is_in_order_within_its_days_and_waking_hours(lead: str) -> None:
    family = FAMILIES[lead]
    moments = [when(family, entry) for entry in [family, *family["interaction"]]]
    assert moments == sorted(moments)
    assert all(0 <= entry["day"] < DEMO["days"] for entry in family["interaction"])
    assert all(8 <= moment.hour < 22 for moment in moments)


@pytest.mark.parametrize("lead", FAMILIES)
def test_c1_the_academy_keeps_a_day_between_contacts_unless_it_answers(lead: str) -> None:
    family = FAMILIES[lead]
    last = datetime.min.replace(tzinfo=UTC)
    heard = last
    for entry in family["interaction"]:
        moment = when(family, entry)
        if entry["direction"] == "inbound":
            heard = moment
            continue
        assert moment - last >= timedelta(hours=24) or moment - heard <= timedelta(hours=24)
        assert 8 <= moment.hour < 21
        last = moment


@pytest.mark.parametrize("lead", FAMILIES)
def test_names_and_contact_points_are_invented(lead: str) -> None:
    family = FAMILIES[lead]
    assert family["time_zone"] in available_timezones()
    ids = {guardian["guardian_id"] for guardian in family["guardians"]}
    for guardian in family["guardians"]:
        assert guardian["phone"][-8:-2] == "555 01"
        assert guardian["email"].endswith("@example.org")
    for entry in family["interaction"]:
        assert entry["guardian_id"] in ids
        assert entry["outcome"] in set(Outcome)
        assert ("transcript" in entry) is (entry["outcome"] in {"completed", "voicemail"})
