"""The committed documents are what the code says, and what they say of each other holds."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fastavro
import pytest

from schemas.registry import schemas
from schemas.topics import TOPICS
from tests.docs.contracts import DOCUMENTS
from tests.docs.parts import ROOT

OPENAPI = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
ASYNCAPI = json.loads((ROOT / "docs" / "asyncapi.json").read_text("utf-8"))
EACH = pytest.mark.parametrize("document", [OPENAPI, ASYNCAPI], ids=["openapi", "asyncapi"])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_is_as_the_code_makes_it(document: Path) -> None:
    assert document.read_text("utf-8") == DOCUMENTS[document](), f"{document.name} is old; run: make docs"


@EACH
def test_every_reference_leads_somewhere(document: Any) -> None:
    references = list(_references(document))

    assert len(references) > 100
    assert [ref for ref in references if _at(document, ref) is None] == []


def test_every_operation_says_what_it_gives_and_who_may_ask() -> None:
    for path, methods in OPENAPI["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation["tags"], where
            assert any(status.startswith("2") for status in operation["responses"]), where
            assert bool(operation.get("security")) == path.startswith("/api"), where
    names = [one["operationId"] for methods in OPENAPI["paths"].values() for one in methods.values()]
    assert len(set(names)) == len(names), "a generated client has one function for each"


def test_every_topic_is_a_channel_as_the_catalogue_has_it() -> None:
    assert list(ASYNCAPI["channels"]) == list(TOPICS)
    for name, channel in ASYNCAPI["channels"].items():
        kafka, topic = channel["bindings"]["kafka"], TOPICS[name]
        assert (channel["address"], kafka["topic"]) == (name, name)
        assert kafka["partitions"] == topic.partitions(12)
        told = {key: ",".join(value) if isinstance(value, list) else str(value)
                for key, value in kafka["topicConfiguration"].items()}  # fmt: skip
        assert told == topic.config
        assert topic.key in channel["description"]


def test_every_schema_is_a_message_of_its_channel_and_is_avro() -> None:
    told = {}
    for name, channel in ASYNCAPI["channels"].items():
        for key, reference in channel["messages"].items():
            message = _at(ASYNCAPI, reference["$ref"])
            if "payload" in message:
                number = message["x-schema-id"]
                told[number] = message["payload"]["schema"]
                assert (name, key) == (
                    schemas()[number].topic,
                    f"{message['name']}.v{schemas()[number].version}",
                )
                fastavro.parse_schema(told[number])
    assert told == {number: json.loads(schema.text) for number, schema in schemas().items()}


def test_who_writes_and_reads_is_told_both_ways() -> None:
    told = {(one["action"], one["tags"][0]["name"], one["channel"]["$ref"].removeprefix("#/channels/"))
            for one in ASYNCAPI["operations"].values()}  # fmt: skip
    written = {("send", who, name) for name, topic in TOPICS.items() for who in topic.written_by}
    read = {("receive", who, name) for name, topic in TOPICS.items() for who in topic.read_by}

    assert told == written | read
    assert len(ASYNCAPI["operations"]) == len(told)


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from _references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _references(inner)


def _at(document: Any, reference: str) -> Any:
    found = document
    for step in reference.removeprefix("#/").split("/"):
        found = found.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
    return found
