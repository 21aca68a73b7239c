"""The demo's families mean to the offline adapter what their story says, and keep to contact policy."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

import pytest

from domain.extraction import Extraction
from domain.vocabulary import Channel, Direction, Intent, Level, OptOut, Outcome, Sentiment
from extractor.offline_model import extract
from infra.demo.story import DAYS, Family, Moment, families, moments
from infra.demo.telling import CHANNELS, DIRECTIONS

FAMILIES = {family.lead_id: family for family in families()}

STORY = [
    # lead, place in its story (the record is 0), intent, sentiment
    ("fam-mitchell", 1, "interested", "positive"),
    ("fam-mitchell", 3, "scheduling", "positive"),
    ("fam-mitchell", 5, "interested", "positive"),
    ("fam-tran", 2, "scheduling", "neutral"),
    ("fam-tran", 4, "scheduling", "positive"),
    ("fam-tran", 7, "requesting_info", "positive"),
    ("fam-sorensen", 1, "no_response", "neutral"),
    ("fam-sorensen", 2, "interested", "neutral"),
    ("fam-sorensen", 4, "scheduling", "neutral"),
    ("fam-sorensen", 6, "scheduling", "neutral"),
    ("fam-okafor", 1, "objecting", "neutral"),
    ("fam-okafor", 3, "considering", "neutral"),
    ("fam-okafor", 4, "considering", "neutral"),
    ("fam-lachance", 1, "objecting", "neutral"),
    ("fam-lachance", 2, "scheduling", "positive"),
    ("fam-lachance", 3, "interested", "neutral"),
    ("fam-lachance", 5, "interested", "positive"),
    ("fam-ibrahim", 1, "requesting_info", "neutral"),
    ("fam-ibrahim", 4, "objecting", "neutral"),
    ("fam-ibrahim", 6, "scheduling", "neutral"),
    ("fam-lindqvist", 2, "no_response", "neutral"),
    ("fam-ramirez", 1, "interested", "positive"),
    ("fam-ramirez", 3, "interested", "neutral"),
    ("fam-nakamura", 1, "scheduling", "neutral"),
    ("fam-nakamura", 3, "unclear", "neutral"),
    ("fam-nakamura", 5, "unclear", "neutral"),
    ("fam-abernathy", 1, "interested", "positive"),
    ("fam-zielinski", 1, "requesting_info", "neutral"),
    ("fam-zielinski", 3, "scheduling", "neutral"),
    ("fam-zielinski", 4, "scheduling", "neutral"),
    ("fam-zielinski", 5, "requesting_info", "neutral"),
    ("fam-brandt", 3, "declining", "negative"),
    ("fam-whitfield", 1, "considering", "neutral"),
    ("fam-whitfield", 3, "declining", "neutral"),
    ("fam-osei", 1, "declining", "neutral"),
    ("fam-osei", 2, "interested", "neutral"),
    ("fam-osei", 5, "scheduling", "neutral"),
    ("fam-garza", 1, "interested", "neutral"),
    ("fam-garza", 2, "declining", "neutral"),
    ("fam-garza", 5, "scheduling", "neutral"),
    ("fam-holloway", 1, "scheduling", "neutral"),
    ("fam-holloway", 2, "declining", "negative"),
    ("fam-holloway", 5, "interested", "positive"),
    ("fam-holloway", 7, "unclear", "neutral"),
    ("fam-haddad", 1, "considering", "positive"),
    ("fam-haddad", 5, "interested", "positive"),
    ("fam-mwangi", 1, "no_response", "neutral"),
    ("fam-mwangi", 2, "considering", "neutral"),
    ("fam-mwangi", 4, "interested", "positive"),
    ("fam-mwangi", 7, "unclear", "neutral"),
    ("fam-kowalczyk", 2, "interested", "neutral"),
    ("fam-kowalczyk", 5, "requesting_info", "neutral"),
    ("fam-delgado", 1, "interested", "positive"),
    ("fam-delgado", 3, "scheduling", "neutral"),
    ("fam-delgado", 4, "interested", "positive"),
    ("fam-oconnell", 2, "declining", "neutral"),
    ("fam-novak", 7, "considering", "neutral"),
    ("fam-petrov", 1, "considering", "neutral"),
    ("fam-bergeron", 1, "considering", "positive"),
    ("fam-bergeron", 4, "objecting", "negative"),
    ("fam-bergeron", 6, "interested", "neutral"),
    ("fam-fairbanks", 3, "objecting", "negative"),
    ("fam-fairbanks", 4, "interested", "neutral"),
    ("fam-fairbanks", 5, "unclear", "neutral"),
    ("fam-castellano", 1, "interested", "positive"),
    ("fam-castellano", 3, "unclear", "neutral"),
    ("fam-castellano", 4, "unclear", "neutral"),
    ("fam-pruitt", 1, "interested", "positive"),
    ("fam-pruitt", 3, "declining", "neutral"),
    ("fam-pruitt", 4, "interested", "positive"),
    ("fam-pruitt", 5, "unclear", "neutral"),
    ("fam-ferreira", 1, "requesting_info", "neutral"),
    ("fam-ferreira", 3, "interested", "neutral"),
    ("fam-whitlock", 1, "interested", "positive"),
    ("fam-whitlock", 3, "objecting", "negative"),
    ("fam-whitlock", 5, "no_response", "neutral"),
    ("fam-adeyemi", 1, "requesting_info", "neutral"),
    ("fam-valdez", 1, "interested", "positive"),
    ("fam-valdez", 8, "scheduling", "neutral"),
    ("fam-thorne", 5, "unclear", "neutral"),
]

MISREAD = {("fam-garza", 2), ("fam-holloway", 2)}
"""Read as a refusal, which it is not: an operator puts it right."""


def how(entry: dict[str, Any]) -> str | None:
    return next((name for name in CHANNELS if name in entry), None)


def ours(entry: dict[str, Any]) -> bool:
    """A message that the academy wrote: nobody of the family speaks in it."""
    return entry.get("sms") == "out" or entry.get("email") == "out"


def said(lead: str, number: int) -> Extraction[str]:
    entry = FAMILIES[lead].events[number - 1]
    name = how(entry)
    assert name is not None
    return extract(entry["text"].strip(), Channel(CHANNELS[name]), Direction(DIRECTIONS[entry[name]]))


def transcripts() -> list[tuple[str, int, dict[str, Any]]]:
    return [
        (lead, number, entry)
        for lead, family in FAMILIES.items()
        for number, entry in enumerate(family.events, 1)
        if "text" in entry and "chat" not in entry
    ]


@pytest.mark.parametrize(("lead", "number", "intent", "sentiment"), STORY)
def test_the_story_is_heard(lead: str, number: int, intent: str, sentiment: str) -> None:
    heard = said(lead, number)
    assert (heard.intent, heard.sentiment) == (Intent(intent), Sentiment(sentiment))


def test_every_transcript_of_the_demo_is_in_the_story_and_our_own_messages_say_nothing() -> None:
    told = {(lead, number) for lead, number, entry in transcripts() if not ours(entry)}
    assert told == {(lead, number) for lead, number, *_ in STORY}
    heard = [said(lead, number) for lead, number, entry in transcripts() if ours(entry)]
    assert {(one.intent, one.opt_out.verdict) for one in heard} == {(Intent.NO_RESPONSE, OptOut.NO)}


def test_who_signs_up_and_who_opts_out() -> None:
    signs = [row[0] for row in STORY if said(*row[:2]).signed_up.value]
    assert signs == [
        "fam-mitchell",
        "fam-lachance",
        "fam-holloway",
        "fam-mwangi",
        "fam-castellano",
        "fam-pruitt",
        "fam-whitlock",
        "fam-valdez",
    ]
    verdicts = {row[:2]: said(*row[:2]).opt_out.verdict for row in STORY}
    assert {place: verdict for place, verdict in verdicts.items() if verdict is not OptOut.NO} == {
        ("fam-brandt", 3): OptOut.YES,
        ("fam-holloway", 2): OptOut.YES,
        ("fam-oconnell", 2): OptOut.UNSURE,
        ("fam-bergeron", 4): OptOut.UNSURE,
    }


def test_what_is_misread_is_put_right_by_an_operator() -> None:
    for lead, number in MISREAD:
        assert said(lead, number).intent is Intent.DECLINING
        later = FAMILIES[lead].events[number:]
        assert any(entry.get("status", {}).get("kind") == "correction" for entry in later)


def test_the_okafors_worry_about_money_the_drive_and_each_other() -> None:
    mail, call, later = said("fam-okafor", 1), said("fam-okafor", 3), said("fam-okafor", 4)
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


def test_signals_of_all_sorts_are_heard() -> None:
    named = {signal.signal for row in STORY for signal in said(*row[:2]).additional_signals}
    assert {"moving", "medical", "bereavement", "competitor", "language", "billing", "complaint"} <= named
    assert said("fam-ferreira", 1).injection
    assert [o.addressed for o in said("fam-lachance", 2).objections] == [True]


UNTIL = datetime(2026, 5, 1, 12, tzinfo=UTC)
MOMENTS = moments(families(), UNTIL)


def of(lead: str) -> list[Moment]:
    return [moment for moment in MOMENTS if moment.lead_id == lead]


def is_ours(moment: Moment) -> bool:
    return any(moment.entry.get(name) == "out" for name in CHANNELS)


def is_talk(moment: Moment) -> bool:
    return "call" in moment.entry and moment.entry.get("outcome", "completed") == "completed"


def test_the_stories_span_sixty_days_and_no_two_moments_are_one() -> None:
    assert len(FAMILIES) >= 25
    assert len(MOMENTS) == sum(len(family.events) + 1 for family in FAMILIES.values())
    told = [moment.told for moment in MOMENTS]
    assert len(set(told)) == len(told), "else their order would be the files' and not the story's"
    assert told[-1] - told[0] > timedelta(days=DAYS - 3)


@pytest.mark.parametrize("lead", FAMILIES)
def test_a_story_is_in_order_and_people_are_awake(lead: str) -> None:
    family = FAMILIES[lead]
    told = [moment.told for moment in sorted(of(lead), key=lambda moment: moment.number)]
    assert told == sorted(told)
    hours = [int(entry["at"].split()[1][:2]) for entry in ({"at": family.at}, *family.events)]
    assert all(7 <= hour < 23 for hour in hours)


@pytest.mark.parametrize("lead", FAMILIES)
def test_c1_the_academy_keeps_a_day_between_contacts_unless_it_answers(lead: str) -> None:
    last = heard = datetime.min.replace(tzinfo=UTC)
    for moment in of(lead):
        if how(moment.entry) is None:
            continue
        if is_ours(moment):
            assert moment.at - last >= timedelta(hours=24) or moment.at - heard <= timedelta(hours=24)
            last = moment.at
        if not is_ours(moment) or is_talk(moment):
            heard = moment.at


@pytest.mark.parametrize("family", FAMILIES.values(), ids=list(FAMILIES))
def test_names_and_contact_points_are_invented(family: Family) -> None:
    record = family.record
    assert record["time_zone"] in available_timezones()
    ids = {guardian["guardian_id"] for guardian in record["guardians"]}
    patched = [g for e in family.events for g in e.get("patch", {}).get("guardians", [])]
    for guardian in (*record["guardians"], *patched):
        assert guardian["phone"][-8:-2] == "555 01"
        assert guardian.get("email", "@example.org").endswith("@example.org")
    for entry in family.events:
        outcome = entry.get("outcome", "completed")
        assert outcome in set(Outcome)
        assert entry.get("who", "g1") in ids | {guardian["guardian_id"] for guardian in patched}
        if how(entry) is not None:
            assert ("text" in entry) is (outcome != "no_answer")
