"""A conversation by SMS in a told household's log: its messages, and what was read in them."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from domain.answers import on_conversation
from domain.decisions import answered
from domain.events import ConversationEnriched, InteractionRecorded
from domain.extraction import Extraction, skipped, with_texts
from domain.threads import Flush, Waiting
from domain.vocabulary import Channel, Direction, Flushed
from extractor.forward import At, cause_of, conversation
from tests.unit.projections.household import SAID, Story

NOTHING: Extraction[str] = replace(skipped(), summary=None)


class TalkingStory(Story):
    """A household that writes."""

    def sms(self, at: datetime) -> InteractionRecorded:
        """A message that waits."""
        changes: dict[str, Any] = {"channel": Channel.SMS, "direction": Direction.INBOUND, "buffered": True}
        return self.call(at, NOTHING, duration_s=None, **changes)

    def read(self, *messages: InteractionRecorded) -> ConversationEnriched:
        """They are read together, under a tick five minutes after the last."""
        now = messages[-1].recorded_at + timedelta(minutes=5)
        self.tick(now)
        last = messages[-1].event_id
        offsets = {one.value.event_id: one.offset for one in self.of("interactions")[:-1]}
        waiting = (
            Waiting(
                one.event_id, offsets[one.event_id], one.recorded_at, one.occurred_at, one.direction,
                one.guardian_id, one.transcript,
            )
            for one in messages
        )  # fmt: skip
        said = with_texts(SAID, lambda field, text: self._sealed("g1", last, field, text))
        flush, at = Flush(tuple(waiting), Flushed.QUIET), At(self._lead_id, self._offset, now)
        talk = conversation(flush, at, cause_of(self._lead_id, flush), said, None)
        self._put("enriched", talk, now)
        effect = on_conversation(self._lead, talk, now, self.learned.parameters)
        self._answered(answered(effect, self.learned), now)
        return talk
