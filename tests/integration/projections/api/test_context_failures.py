"""What is left of a context pack when a part cannot be read, or was erased; nothing here is a double."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import sql

from domain.vocabulary import Consent
from projections.connections import in_schema
from runtime.keys import Keys, guardian
from tests import given
from tests.integration.projections.api.family import LEAD, Family7
from tests.integration.projections.api.packs import ROUTES, get
from tests.integration.projections.sink import Sink
from tests.unit.projections.api.client import Client


@pytest.fixture
def locked(postgres: str, schema: str) -> Iterator[Callable[[str], None]]:
    """Holds a table so that no reader gets it."""
    with psycopg.connect(in_schema(postgres, schema)) as connection:

        def lock(table: str) -> None:
            query = sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(table))
            connection.execute(query)

        yield lock
        connection.rollback()


BROKEN = {
    "a decision without its brief": "UPDATE decisions SET record = record - 'brief'",
    "a decision whose brief is null": "UPDATE decisions SET record = record || '{\"brief\": null}'",
    "a decision that is none": "UPDATE decisions SET record = '{}'",
    "words that do not open": "UPDATE interactions SET extraction = jsonb_set(extraction, '{facts,0,text,event_id}',"
    " '\"another\"') WHERE jsonb_array_length(extraction -> 'facts') > 0",
    "an extraction of another shape": "UPDATE interactions SET extraction = '{\"facts\": 7}'"
    " WHERE extraction IS NOT NULL",
    "a state of another shape": "UPDATE lead_states SET folded = '{\"context\": 7}'",
    "a state that is no object": "UPDATE lead_states SET folded = '[1]'",
    "consents of another shape": "UPDATE lead_states SET folded = folded || '{\"consents\": 7}'",
    "a time zone that nobody knows": "UPDATE interactions SET recorded = jsonb_set(recorded, '{time_zone}',"
    " '\"Mars/Olympus\"') WHERE kind = 'lead'",
    "a table that is away": "ALTER TABLE decisions RENAME TO decisions_elsewhere",
}


@pytest.mark.parametrize("statement", BROKEN.values(), ids=list(BROKEN))
def test_a_pack_that_cannot_be_put_together_is_a_minimal_one(
    reader: Client, sink: Sink, statement: str
) -> None:
    assert get(reader)["minimal"] is False
    sink.database.execute(statement)

    for route in ROUTES:
        answer = get(reader, route)
        pack = answer["context"] if route else answer
        assert (pack["minimal"], pack["lead_id"]) == (True, LEAD)
        assert (pack["lead_name"], pack["phone"]) == ("Dana Whitfield", "+1 555 0101")
        assert pack["reason"].endswith(".")
        assert pack["erased"] is False
    assert get(reader, "/prepare-outbound-call")["to"]["phone"] == "+1 555 0101"
    assert get(reader, "/prepare-outbound-sms")["draft"] is None


def test_a_statement_that_takes_too_long_leaves_a_minimal_pack(
    reader: Client, locked: Callable[[str], None]
) -> None:
    locked("decisions")
    pack = get(reader)

    assert (pack["minimal"], pack["lead_name"]) == (True, "Dana Whitfield")
    assert pack["reason"] == "Postgres did not give all of it (OperationalError)."


def test_a_minimal_pack_is_refused_to_a_family_that_said_no_as_well(
    reader: Client, family: Family7, sink: Sink
) -> None:
    family.story.consent(given.later(days=3), Consent.OPTED_OUT)
    sink.apply(family.story.records)
    sink.database.execute(BROKEN["a decision without its brief"])

    get(reader, "/prepare-outbound-call", status=409)
    assert get(reader, "/prepare-inbound-call")["warnings"][0]["kind"] == "opted_out"


def test_a_record_that_cannot_be_read_leaves_the_id_and_the_reason(reader: Client, sink: Sink) -> None:
    sink.database.execute("UPDATE interactions SET recorded = '{}' WHERE kind <> 'interaction'")

    pack = get(reader)

    assert (pack["minimal"], pack["lead_name"], pack["phone"]) == (True, None, None)


def erase(sink: Sink, keys: Keys, *subjects: str) -> None:
    sink.database.execute(
        "UPDATE keys SET wrapped = NULL, destroyed_at = now() WHERE subject = ANY(%s)", [list(subjects)]
    )
    keys._by_id._keys.clear()  # another process destroyed them; ours knew them


def test_what_is_erased_is_absent_and_said_so(reader: Client, keys: Keys, sink: Sink) -> None:
    erase(sink, keys, guardian(LEAD, "g1"), guardian(LEAD, "g2"))

    pack, call = get(reader), get(reader, "/prepare-outbound-call")

    assert (pack["minimal"], pack["erased"], pack["lead_name"], pack["phone"]) == (False, True, None, None)
    assert pack["warnings"][-1]["kind"] == "erased"
    assert pack["child_info"] == "Mia (age 9, tennis)"
    assert pack["facts"] == []
    assert pack["current_nba"]["brief"]["draft"].startswith("- Hello, I am calling from Lakeshore")
    assert call["to"] is None
    assert call["warnings"][-1]["kind"] == "no_phone"
    assert "Whitfield" not in str(call)

    sink.database.execute(BROKEN["a decision without its brief"])
    pack = get(reader)
    assert (pack["minimal"], pack["erased"], pack["lead_name"]) == (True, True, None)


def test_erased_facts_drop_their_sentences_from_the_draft(
    reader: Client, keys: Keys, sink: Sink, family: Family7
) -> None:
    """The question of the last conversation is quoted while its words can be opened."""
    path = f"/api/context/{LEAD}/prepare-outbound-sms"
    sink.database.execute(
        "UPDATE decisions SET record = jsonb_set(jsonb_set(record, '{action}', '\"info_send\"'),"
        " '{brief,sentences}', %s::jsonb) WHERE sequence = (SELECT max(sequence) FROM decisions)",
        [SENTENCES % family.message.event_id],
    )
    assert "Is there a beginners' class?" in reader.get(path).json()["draft"]
    assert "Is there a beginners' class?" in reader.get(f"/api/nba/{LEAD}/current").json()["brief"]["draft"]

    erase(sink, keys, guardian(LEAD, "g1"))

    assert "beginners" not in reader.get(path).text
    brief = reader.get(f"/api/nba/{LEAD}/current").json()["brief"]
    assert "beginners" not in str(brief)
    assert "info_send.you_asked" in {each["id"] for each in brief["draft_details"]["dropped"]}


SENTENCES = """[
    {"id": "info_send.details_attached", "facts": []},
    {"id": "info_send.you_asked", "facts": [{"signal": "open_question", "event_id": "%s", "index": 0}]}
]"""
