"""The AsyncAPI document of the topics: what is on each, how it is framed, placed and kept, who writes and who reads it.

AsyncAPI 3.0.0, with the Kafka bindings 0.5.0.
"""

import json
import re
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any

from schemas.registry import Schema, schemas
from schemas.topic import Topic
from schemas.topics import TOPICS

AVRO = "application/vnd.apache.avro+json;version=1.9.0"
"""The format of a payload's schema: Avro as JSON."""
FRAMED = "application/vnd.confluent.avro"
"""What a value is: a zero byte, the schema's id in four bytes, Avro."""
KAFKA = {"bindingVersion": "0.5.0"}

_ABOUT = (
    "What stands on Kafka. A value is a zero byte, the id of its schema in four bytes, and Avro; the API answers a"
    " Confluent client's questions for the ids. Read with isolation.level=read_committed. A topic's name is headed by"
    " ACADEMY_TOPIC_PREFIX, where that is set. A field of type Sealed opens for who has its key, and for nobody else."
)
_EVENT_HEADERS = {
    "event-id": "the event's own id, where it has one",
    "event-type": "the event's name: the part of its subject behind the topic's",
    "schema-version": "version of the schema within its subject",
    "traceparent": "W3C trace context of the request that told it, where there was one",
}
_LETTER_HEADERS = {
    "dead-topic": "topic that the record came from",
    "dead-partition": "its partition there",
    "dead-offset": "its offset there",
    "dead-group": "who could not take it",
    "dead-class": "name of what was wrong",
    "dead-reason": "what was wrong, in a sentence",
    "dead-discards": "on a record without a value: the letter that is discarded",
    "redrive-letter": "on a redriven record: the letter that it was",
}


def document(leads: int = 12) -> dict[str, Any]:
    """The whole document; `leads` is the partition count of the lead topics."""
    found = sorted(schemas().values(), key=lambda one: (one.event, one.version))
    by_topic = {name: [one for one in found if one.topic == name] for name in TOPICS}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Academy Outreach: topics",
            "version": version("academy-outreach"),
            "description": _ABOUT,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": FRAMED,
        "servers": {"kafka": _server()},
        "channels": {_id(one.name): _channel(one, by_topic[one.name], leads) for one in TOPICS.values()},
        "operations": dict(_operations(TOPICS.values())),
        "components": {
            "messages": {_message_id(one): _message(one) for name in TOPICS for one in by_topic[name]}
            | {"dead-letter": _letter()},
            "messageTraits": {"event": {"headers": _headers(_EVENT_HEADERS, "event-type", "schema-version")}},
        },
    }


def text() -> str:
    """The document as it is committed."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _server() -> dict[str, Any]:
    return {
        "host": "{bootstrap}",
        "protocol": "kafka",
        "description": "The broker; locally `academy status --json` names it as `kafka`, and the API as `api`.",
        "variables": {
            "bootstrap": {"default": "127.0.0.1:9092", "description": "host and port, as in ACADEMY_KAFKA"}
        },
        "bindings": {
            "kafka": {
                "schemaRegistryUrl": "http://127.0.0.1:8001",
                "schemaRegistryVendor": "confluent",
                **KAFKA,
            }
        },
    }


def _channel(topic: Topic, events: list[Schema], leads: int) -> dict[str, Any]:
    """Every version of every event: what is kept for ever was written by earlier releases, too."""
    messages = {f"{one.event}.v{one.version}": _ref("messages", _message_id(one)) for one in events}
    return {
        "address": topic.name,
        "title": topic.name,
        "description": f"{topic.about} Key: {topic.key}.",
        "servers": [{"$ref": "#/servers/kafka"}],
        "messages": messages or {"dead-letter": _ref("messages", "dead-letter")},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions(leads),
                "topicConfiguration": dict(_setting(*pair) for pair in topic.config.items()),
                **KAFKA,
            }
        },
    }


def _setting(name: str, value: str) -> tuple[str, Any]:
    """Numbers as numbers, and the policies as a list, as the binding has them."""
    if name == "cleanup.policy":
        return name, value.split(",")
    return name, int(value) if re.fullmatch(r"-?\d+", value) else value


def _message(schema: Schema) -> dict[str, Any]:
    avro = json.loads(schema.text)
    return {
        "name": schema.event,
        "title": f"{avro['name']}, version {schema.version}",
        "summary": avro["doc"],
        "traits": [_ref("messageTraits", "event")],
        "payload": {"schemaFormat": AVRO, "schema": avro},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": f"{TOPICS[schema.topic].key}, in UTF-8"},
                "schemaIdLocation": "payload",
                "schemaIdPayloadEncoding": "confluent",
                "schemaLookupStrategy": "RecordIdStrategy",
                **KAFKA,
            }
        },
        "x-schema-id": schema.id,
        "x-subject": schema.subject,
    }


def _letter() -> dict[str, Any]:
    return {
        "name": "dead-letter",
        "title": "A record that could not be taken",
        "summary": "Key, value and headers of its source, untouched, and why it stands here.",
        "contentType": "application/octet-stream",
        "headers": _headers(_LETTER_HEADERS),
        "bindings": {"kafka": {"key": {"type": "string", "description": "as the source"}, **KAFKA}},
    }


def _headers(said: dict[str, str], *always: str) -> dict[str, Any]:
    """Kafka's headers are bytes; ours are UTF-8 text."""
    properties = {name: {"type": "string", "description": meaning} for name, meaning in said.items()}
    return {"type": "object", "properties": properties, "required": list(always)}


def _operations(topics: Iterable[Topic]) -> Iterator[tuple[str, dict[str, Any]]]:
    for topic in topics:
        for name in topic.written_by:
            yield _operation(name, "send", topic)
        for name in topic.read_by:
            yield _operation(name, "receive", topic)


def _operation(who: str, action: str, topic: Topic) -> tuple[str, dict[str, Any]]:
    does = {"send": "writes", "receive": "reads"}[action]
    return _id(f"{who}-{does}-{topic.name}"), {
        "action": action,
        "channel": {"$ref": f"#/channels/{_id(topic.name)}"},
        "title": f"{who} {does} {topic.name}",
        "tags": [{"name": who}],
    }


def _message_id(schema: Schema) -> str:
    return f"{schema.topic}.{schema.event}.v{schema.version}"


def _id(name: str) -> str:
    """As tools that make code of it can name it."""
    return name.replace(" ", "-")


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}
