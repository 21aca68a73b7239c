"""The catalogue: every topic with its key, its life, who writes and reads it, and the events on it."""

from dataclasses import dataclass, field
from typing import Literal

from domain.acts import (
    AttendanceTold,
    ConsentTold,
    DecisionAnswered,
    EnrolmentTold,
    ErasureTold,
    PaymentTold,
    ReminderAnswered,
    ReminderSet,
    StatusTold,
)
from domain.acts_enriched import (
    AnswerEnriched,
    AttendanceEnriched,
    ConsentEnriched,
    EnrolmentEnriched,
    ErasureEnriched,
    PaymentEnriched,
    ReminderAnsweredEnriched,
    ReminderSetEnriched,
    StatusEnriched,
)
from domain.events import (
    ConversationEnriched,
    InteractionEnriched,
    InteractionRecorded,
    LeadEnriched,
    LeadPatched,
    LeadPatchEnriched,
    LeadRecorded,
    Repeated,
    Tick,
    TickEnriched,
)
from domain.offers import AttendanceOffered, InteractionOffered, LeadOffered, PaymentOffered
from domain.parameters import Parameters
from domain.q_learning import Marker, Row
from domain.records import Decision, TableCreated, Transition
from domain.snapshots import Snapshot
from domain.states import Lead
from domain.threads import Thread
from schemas.position import Position

TABLE_PARTITIONS = 4
"""At most so many partitions for learning tables: one partition owns a whole table."""

Placement = Literal["leads", "tables", "one"]


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic; `placement` says which topics share key, partitioner and partition count."""

    name: str
    about: str
    key: str
    placement: Placement
    written_by: tuple[str, ...]
    read_by: tuple[str, ...]
    events: dict[str, type]
    config: dict[str, str] = field(default_factory=dict)

    def partitions(self, leads: int) -> int:
        """Partition count, given the count of the co-partitioned lead topics."""
        return {"leads": leads, "tables": min(leads, TABLE_PARTITIONS), "one": 1}[self.placement]


_FOR_EVER = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}
_COMPACTED = {
    "cleanup.policy": "compact",
    "min.compaction.lag.ms": "60000",
    "max.compaction.lag.ms": "3600000",
    "min.cleanable.dirty.ratio": "0.1",
    "delete.retention.ms": "86400000",
    "segment.ms": "600000",
    "segment.bytes": "16777216",
}
_MONTH = {"cleanup.policy": "delete", "retention.ms": str(30 * 86_400_000)}
_DAY = {"cleanup.policy": "delete", "retention.ms": "86400000", "segment.ms": "3600000"}
"""For words in clear: a segment goes once its newest record is a day old, so nothing stays for longer than 25 h."""
_APPENDED = {"message.timestamp.type": "LogAppendTime"}
"""The broker's own time, which no sender can set."""

TOPICS = {
    topic.name: topic
    for topic in (
        Topic(
            name="inbox",
            about="What upstream systems tell by Kafka where others use HTTP: in clear, and only for a day.",
            key="lead id",
            placement="leads",
            written_by=("upstream systems",),
            read_by=("ingest",),
            events={
                "attendance": AttendanceOffered,
                "interaction": InteractionOffered,
                "lead": LeadOffered,
                "payment": PaymentOffered,
            },
            config={**_DAY, **_APPENDED},
        ),
        Topic(
            name="interactions",
            about="Everything that happened, as it was told to us, and time itself.",
            key="lead id",
            placement="leads",
            written_by=("ingest",),
            read_by=("extractor", "projections"),
            events={
                "consent": ConsentTold,
                "decision-answered": DecisionAnswered,
                "erasure": ErasureTold,
                "enrolment": EnrolmentTold,
                "attendance": AttendanceTold,
                "payment": PaymentTold,
                "interaction": InteractionRecorded,
                "lead": LeadRecorded,
                "lead-patched": LeadPatched,
                "reminder": ReminderSet,
                "reminder-answered": ReminderAnswered,
                "status": StatusTold,
                "tick": Tick,
            },
            config={**_FOR_EVER, **_APPENDED},
        ),
        Topic(
            name="enriched",
            about="Every input once more, with what was said in it.",
            key="lead id",
            placement="leads",
            written_by=("extractor",),
            read_by=("decider", "projections"),
            events={
                "consent": ConsentEnriched,
                "decision-answered": AnswerEnriched,
                "erasure": ErasureEnriched,
                "enrolment": EnrolmentEnriched,
                "attendance": AttendanceEnriched,
                "payment": PaymentEnriched,
                "conversation": ConversationEnriched,
                "interaction": InteractionEnriched,
                "lead": LeadEnriched,
                "lead-patched": LeadPatchEnriched,
                "reminder": ReminderSetEnriched,
                "reminder-answered": ReminderAnsweredEnriched,
                "status": StatusEnriched,
                "repeated": Repeated,
                "tick": TickEnriched,
            },
            config=_FOR_EVER,
        ),
        Topic(
            name="decisions",
            about="The answer to every input: a decision with everything it rests on, or a verdict.",
            key="lead id",
            placement="leads",
            written_by=("decider",),
            read_by=("projections", "delivery systems"),
            events={"decision": Decision},
            config=_FOR_EVER,
        ),
        Topic(
            name="transitions",
            about="What decisions led to; folded in order, they are the learned values.",
            key="table id",
            placement="tables",
            written_by=("decider", "configuration"),
            read_by=("learner", "projections", "analysts"),
            events={"table-created": TableCreated, "transition": Transition},
            config=_FOR_EVER,
        ),
        Topic(
            name="q-table",
            about="The learned values; a marker ends each commit's rows of a table.",
            key="table id|state|action, or table id for a marker; placed by table id",
            placement="tables",
            written_by=("learner",),
            read_by=("decider", "projections"),
            events={"marker": Marker, "row": Row},
            config={**_COMPACTED, "min.compaction.lag.ms": "3600000", "max.compaction.lag.ms": "7200000"},
        ),
        Topic(
            name="policies",
            about="Presets, rewards and limits as versioned records: the current one, and every version.",
            key="id, and id|version",
            placement="one",
            written_by=("configuration",),
            read_by=("decider", "learner", "projections"),
            events={"parameters": Parameters, "snapshot": Snapshot},
            config=_COMPACTED,
        ),
        Topic(
            name="threads",
            about="The extractor's state.",
            key="lead id",
            placement="leads",
            written_by=("extractor",),
            read_by=("extractor",),
            events={"position": Position, "thread": Thread},
            config=_COMPACTED,
        ),
        Topic(
            name="leads",
            about="The decider's state: each household as the log has left it.",
            key="lead id",
            placement="leads",
            written_by=("decider",),
            read_by=("decider", "projections"),
            events={"lead": Lead, "position": Position},
            config=_COMPACTED,
        ),
        *(
            Topic(
                name=f"{group}.dead",
                about=f"Records that {group} could not take, bytes untouched, the reason in the headers.",
                key="as the source",
                placement="leads",
                written_by=(group,),
                read_by=("operators", "projections"),
                events={},
                config={**(_DAY if group == "ingest" else _MONTH), **_APPENDED},
            )
            for group in ("ingest", "extractor", "decider", "learner", "projections")
        ),
        *(
            Topic(
                name=f"{group}.redrive",
                about=f"Dead letters that operators gave back to {group}, to be handled as what they were.",
                key="as the source",
                placement="leads",
                written_by=("operators",),
                read_by=(group, "projections"),
                events={},
                config={**(_DAY if group == "ingest" else _MONTH), **_APPENDED},
            )
            for group in ("ingest", "extractor", "decider")
        ),
    )
}
"""By name, in the order of the flow."""

TICK_KEY = "!tick"
POSITION_KEY = "!position"
"""Reserved keys begin with `!`, which no lead id may."""
