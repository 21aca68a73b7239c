"""The topology on quixstreams, as its documentation shows it; runs in the environment that `environments.py` makes.

Arguments: bootstrap servers, topic prefix, folder for its state.
"""

import json
import sys
from pathlib import Path
from typing import Any

from quixstreams import Application, State, message_context
from quixstreams.models.serializers.avro import AvroDeserializer, AvroSerializer
from quixstreams.models.serializers.base import SerializationContext

FOLDER = Path(__file__).with_name("avro")
ANSWERED_FRAME = b"\x00" + (9_002).to_bytes(4, "big")
REASON = (
    "The last five things that were said decide: a visit is offered while three of them want one, "
    "and nothing is while three do not; see values."
)
WILLING = frozenset(("interested", "scheduling", "requesting_info"))
UNWILLING = frozenset(("objecting", "declining", "no_response"))
VALUES = [place / 20 for place in range(18)]
PROBABILITIES = [place / 171 for place in range(1, 19)]


class Unframed(AvroDeserializer):  # type: ignore[misc] # quixstreams is no package of ours
    """Avro behind the Confluent frame."""

    def __call__(self, value: bytes, ctx: SerializationContext) -> Any:
        return super().__call__(value[5:], ctx)


class Framed(AvroSerializer):  # type: ignore[misc] # the same
    """Avro behind the Confluent frame."""

    def __call__(self, value: Any, ctx: SerializationContext) -> bytes:
        return ANSWERED_FRAME + bytes(super().__call__(value, ctx))


def standing(intents: list[str]) -> str:
    """As `events.standing`."""
    if sum(map(WILLING.__contains__, intents)) >= 3:
        return "warm"
    if sum(map(UNWILLING.__contains__, intents)) >= 3:
        return "cold"
    return "open"


def handle(event: dict[str, Any], state: State) -> dict[str, Any]:
    """As `events.kept` and `events.answered`."""
    before = state.get("lead", {"count": 0, "intents": []})
    intents = [*before["intents"][-4:], event["intent"]]
    after = {"count": before["count"] + 1, "intents": intents, "status": standing(intents)}
    state.set("lead", after)
    return {
        "sequence": after["count"],
        "lead_id": event["lead_id"],
        "cause_event_id": event["event_id"],
        "root_offset": message_context().offset,
        "decided_at": event["recorded_at"],
        "status": after["status"],
        "intents": intents,
        "values": VALUES,
        "probabilities": PROBABILITIES,
        "external_ref": event["external_ref"],
        "reason": REASON,
    }


def _schema(name: str) -> Any:
    return json.loads(FOLDER.joinpath(f"{name}.avsc").read_text())


def main(kafka: str, prefix: str, folder: str) -> None:
    """Run until SIGTERM."""
    application = Application(
        broker_address=kafka,
        consumer_group=f"{prefix}quix",
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        commit_interval=0.1,
        state_dir=folder,
        producer_extra_config={"compression.type": "lz4"},
        loglevel="WARNING",
    )
    told = application.topic(f"{prefix}told", value_deserializer=Unframed(_schema("told")))
    answered = application.topic(f"{prefix}quix-answered", value_serializer=Framed(_schema("answered")))
    application.dataframe(told).apply(handle, stateful=True).to_topic(answered)
    application.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
