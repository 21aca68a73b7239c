"""The catalogue: every topic with its key, its life, who writes and reads it, and the events on it."""

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
from domain.receipts import Receipt
from domain.records import Decision, TableCreated, Transition
from domain.snapshots import Snapshot
from domain.states import Lead
from domain.threads import Thread
from schemas.position import Position
from schemas.topic import APPENDED, COMPACTED, DAY, FOR_EVER, MONTH, Topic

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
            config={**DAY, **APPENDED},
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
            config={**FOR_EVER, **APPENDED},
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
            config=FOR_EVER,
        ),
        Topic(
            name="decisions",
            about="The answer to every input: a decision with everything it rests on, or a verdict.",
            key="lead id",
            placement="leads",
            written_by=("decider",),
            read_by=("projections", "delivery systems"),
            events={"decision": Decision},
            config=FOR_EVER,
        ),
        Topic(
            name="transitions",
            about="What decisions led to; folded in order, they are the learned values.",
            key="table id",
            placement="tables",
            written_by=("decider", "configuration"),
            read_by=("learner", "projections", "analysts"),
            events={"table-created": TableCreated, "transition": Transition},
            config=FOR_EVER,
        ),
        Topic(
            name="q-table",
            about="The learned values; a marker ends each commit's rows of a table.",
            key="table id|state|action, or table id for a marker; placed by table id",
            placement="tables",
            written_by=("learner",),
            read_by=("decider", "projections"),
            events={"marker": Marker, "row": Row},
            config={**COMPACTED, "min.compaction.lag.ms": "3600000", "max.compaction.lag.ms": "7200000"},
        ),
        Topic(
            name="policies",
            about="Presets, rewards and limits as versioned records: the current one, and every version.",
            key="id, and id|version",
            placement="one",
            written_by=("configuration",),
            read_by=("decider", "learner", "projections"),
            events={"parameters": Parameters, "snapshot": Snapshot},
            config=COMPACTED,
        ),
        Topic(
            name="threads",
            about="The extractor's state.",
            key="lead id",
            placement="leads",
            written_by=("extractor",),
            read_by=("extractor",),
            events={"position": Position, "thread": Thread},
            config=COMPACTED,
        ),
        Topic(
            name="leads",
            about="The decider's state: each household as the log has left it.",
            key="lead id",
            placement="leads",
            written_by=("decider",),
            read_by=("decider", "projections"),
            events={"lead": Lead, "position": Position},
            config=COMPACTED,
        ),
        Topic(
            name="receipts",
            about="What became of each erasure: the keys and rows that went, and until when copies last.",
            key="lead id",
            placement="leads",
            written_by=("projections",),
            read_by=("operators",),
            events={"receipt": Receipt},
            config=FOR_EVER,
        ),
        *(
            Topic(
                name=f"{group}.dead",
                about=f"Records that {group} could not take, bytes untouched, the reason in the headers.",
                key="as the source",
                placement="leads",
                written_by=(group,),
                read_by=("operators",),
                events={},
                config={**(DAY if group == "ingest" else MONTH), **APPENDED},
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
                read_by=(group,),
                events={},
                config={**(DAY if group == "ingest" else MONTH), **APPENDED},
            )
            for group in ("ingest", "extractor", "decider")
        ),
    )
}
"""By name, in the order of the flow."""

TICK_KEY = "!tick"
POSITION_KEY = "!position"
"""Reserved keys begin with `!`, which no lead id may."""
