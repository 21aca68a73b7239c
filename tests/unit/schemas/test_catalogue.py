"""The catalogue keeps its promises: files, ids, subjects, topics and services fit together."""

import json
from collections import Counter
from importlib.resources import files
from typing import Any, get_args

import pytest

from decider.service import build as build_decider
from extractor.service import build as build_extractor
from ingest.inbox import build as build_inbox
from learner.service import build as build_learner
from runtime.transform import Transform
from schemas.registry import FILE, latest, schemas
from schemas.topic import Placement, Topic
from schemas.topics import TOPICS
from tests import given
from tests.keyring import MemoryKeys
from tests.unit.schemas.examples import FOLDER, SCHEMAS, name

FIRST_RELEASE = {
    1: "interactions.interaction.v1",
    2: "interactions.lead.v1",
    3: "interactions.tick.v1",
    4: "enriched.interaction.v1",
    5: "enriched.lead.v1",
    6: "enriched.repeated.v1",
    7: "enriched.tick.v1",
    8: "decisions.decision.v1",
    9: "transitions.table-created.v1",
    10: "transitions.transition.v1",
    11: "q-table.marker.v1",
    12: "q-table.row.v1",
    13: "policies.parameters.v1",
    14: "threads.position.v1",
    15: "threads.thread.v1",
    16: "leads.lead.v1",
    17: "leads.position.v1",
}
"""Ids are in every record of a log that is kept for ever: this list may grow at its end and never change."""

OUTSIDE = {"analysts", "configuration", "delivery systems", "operators", "upstream systems"}
"""Writers and readers that are no service."""

SERVICES = {"decider", "extractor", "ingest", "learner", "projections"}

TRANSFORMS: tuple[Transform[Any], ...] = (
    build_inbox(MemoryKeys()),
    build_extractor(MemoryKeys()),
    build_decider(given.learned),
    build_learner(),
)


def _registered() -> list[tuple[str, int]]:
    text = files("schemas").joinpath("registry.json").read_text()
    pairs: list[tuple[str, int]] = json.loads(text, object_pairs_hook=list)
    return pairs


def test_every_schema_file_is_registered_once_and_every_entry_has_a_file() -> None:
    found = [entry.name for entry in files("schemas").joinpath("avro").iterdir()]

    assert sorted(file for file, _number in _registered()) == sorted(found)


def test_no_id_is_given_twice() -> None:
    assert [number for number, times in Counter(dict(_registered()).values()).items() if times > 1] == []


def test_committed_ids_never_move() -> None:
    known = {number: file.removesuffix(".avsc") for file, number in _registered()}

    assert {number: known.get(number) for number in FIRST_RELEASE} == FIRST_RELEASE


def test_a_new_id_is_above_every_released_one() -> None:
    assert all(number > max(FIRST_RELEASE) for number in schemas().keys() - FIRST_RELEASE.keys())


def test_every_schema_belongs_to_an_event_of_its_topic() -> None:
    for schema in SCHEMAS:
        assert FILE.fullmatch(f"{name(schema)}.avsc")
        assert schema.subject == f"{schema.topic}-{schema.event}"
        assert schema.event in TOPICS[schema.topic].events
        assert json.loads(schema.text)["name"] == schema.type.__name__


def test_versions_of_a_subject_count_from_one_in_the_order_of_their_ids() -> None:
    for subject in {schema.subject for schema in SCHEMAS}:
        versions = [
            schema.version for schema in sorted(SCHEMAS, key=lambda one: one.id) if schema.subject == subject
        ]
        assert versions == list(range(1, len(versions) + 1))


def test_each_event_of_each_topic_is_written_with_exactly_one_schema() -> None:
    events = [(topic.name, event) for topic in TOPICS.values() for event in topic.events.values()]

    assert Counter(latest().keys()) == Counter(events)
    for schema in latest().values():
        assert schema.version == max(one.version for one in SCHEMAS if one.subject == schema.subject)


def test_every_schema_has_an_example_and_every_example_a_schema() -> None:
    found = sorted(entry.name for entry in FOLDER.iterdir())

    assert found == sorted(f"{name(schema)}.json" for schema in SCHEMAS)


@pytest.mark.parametrize("topic", TOPICS.values(), ids=lambda topic: topic.name)
def test_a_topic_says_what_it_is_for_its_key_and_who_writes_and_reads_it(topic: Topic) -> None:
    assert topic.about.endswith(".")
    assert topic.key
    assert topic.placement in get_args(Placement)
    assert topic.written_by
    assert topic.read_by
    assert {*topic.written_by, *topic.read_by} <= SERVICES | OUTSIDE
    assert topic.config["cleanup.policy"] in ("compact", "delete")


def test_a_topic_is_found_under_its_own_name() -> None:
    assert [topic.name for topic in TOPICS.values()] == list(TOPICS)


@pytest.mark.parametrize("transform", TRANSFORMS, ids=lambda transform: transform.name)
def test_a_service_reads_and_writes_what_the_catalogue_says(transform: Transform[object]) -> None:
    read = {topic.name for topic in TOPICS.values() if transform.name in topic.read_by}
    written = {topic.name for topic in TOPICS.values() if transform.name in topic.written_by}

    assert {*transform.sources} <= read
    assert {transform.changelog or f"{transform.name}.dead", f"{transform.name}.dead"} <= written


@pytest.mark.parametrize("transform", TRANSFORMS, ids=lambda transform: transform.name)
def test_only_a_source_that_others_write_is_taken_as_coming_from_outside(
    transform: Transform[object],
) -> None:
    writers = {writer for topic in transform.sources for writer in TOPICS[topic].written_by}

    assert transform.outside == bool(writers & {"upstream systems"})


def test_what_feeds_a_leads_state_has_the_leads_key_partitioner_and_count() -> None:
    together = {topic.name for topic in TOPICS.values() if topic.placement == "leads"}

    assert together >= {"inbox", "interactions", "enriched", "decisions", "threads", "leads", "ingest.dead"}


@pytest.mark.parametrize("group", ["ingest", "extractor", "decider"])
def test_letters_come_back_beside_the_source_and_are_kept_as_long_as_they_were(group: str) -> None:
    dead, again = TOPICS[f"{group}.dead"], TOPICS[f"{group}.redrive"]

    assert (again.written_by, again.read_by) == (("operators",), (group,))
    assert (again.placement, again.config, again.events) == (dead.placement, dead.config, {})
    assert again.config["message.timestamp.type"] == "LogAppendTime", "ages are told by the broker's clock"


def test_partitions_follow_placement() -> None:
    counts = {topic.placement: (topic.partitions(2), topic.partitions(12)) for topic in TOPICS.values()}

    assert counts == {"leads": (2, 12), "tables": (2, 4), "one": (1, 1)}
