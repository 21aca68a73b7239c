"""The closed vocabularies: every class that is clear on a topic, and nothing that a family said."""

from enum import StrEnum


class Status(StrEnum):
    """Where a household stands in its life with the academy (S1)."""

    NEW = "new"
    CONTACTED = "contacted"
    INTERESTED = "interested"
    TRIAL = "trial"
    ENROLLED = "enrolled"
    ACTIVE = "active"
    AT_RISK = "at_risk"
    INACTIVE = "inactive"
    DECLINED = "declined"


class Consent(StrEnum):
    """Whether the household may be contacted, from loosest to strictest (S1, S2)."""

    CONTACTABLE = "contactable"
    HELD = "held"
    OPTED_OUT = "opted_out"


class Refusal(StrEnum):
    """A consent that whoever tells of it may only narrow: a grant cannot be said in it (S1)."""

    HELD = "held"
    OPTED_OUT = "opted_out"


class Bucket(StrEnum):
    """What the situation is about; the first that matches wins (B1-B10)."""

    UNREACHED = "unreached"
    NEGATIVE = "negative"
    SCHEDULING_INTENT = "scheduling_intent"
    POSITIVE_ENGAGEMENT = "positive_engagement"
    FINANCIAL_CONCERN = "financial_concern"
    HAS_OBJECTIONS = "has_objections"
    FAMILY_CONTEXT = "family_context"
    CONSIDERING = "considering"
    NOVEL_SIGNAL = "novel_signal"
    NEUTRAL = "neutral"


class Channel(StrEnum):
    """How an interaction took place."""

    VOICE = "voice"
    SMS = "sms"
    EMAIL = "email"


class Direction(StrEnum):
    """Who began: the family (inbound) or the academy (outbound)."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Outcome(StrEnum):
    """How an interaction ended."""

    COMPLETED = "completed"
    NO_ANSWER = "no_answer"
    VOICEMAIL = "voicemail"
    FAILED = "failed"


class Intent(StrEnum):
    """The family's last stance (E1, E8)."""

    INTERESTED = "interested"
    CONSIDERING = "considering"
    OBJECTING = "objecting"
    SCHEDULING = "scheduling"
    REQUESTING_INFO = "requesting_info"
    DECLINING = "declining"
    NO_RESPONSE = "no_response"
    UNCLEAR = "unclear"


class Sentiment(StrEnum):
    """Towards the academy or the offer, not about life (E8)."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


class Level(StrEnum):
    """Financial concern, and the urgency of a signal, from least to most (E1)."""

    NONE = "none"
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


class Severity(StrEnum):
    """low would not stop them, medium must be answered, high blocks (E8)."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class TopicClass(StrEnum):
    """What an objection is about."""

    FINANCIAL = "financial"
    SCHEDULE = "schedule"
    DISTANCE = "distance"
    SAFETY = "safety"
    FIT = "fit"
    TRUST = "trust"
    OTHER = "other"


class SignalClass(StrEnum):
    """What an additional signal is about."""

    LIFE_EVENT = "life_event"
    COMPETITOR = "competitor"
    SPECIAL_NEED = "special_need"
    MEDICAL = "medical"
    REFERRAL = "referral"
    TRANSPORT = "transport"
    LANGUAGE = "language"
    LOGISTICS = "logistics"
    PAYMENT = "payment"
    COMPLAINT = "complaint"
    PRAISE = "praise"
    OTHER = "other"


class Verdict(StrEnum):
    """What became of an input (architecture 2.9)."""

    DECISION = "decision"
    NONE = "none"
    APPLIED = "applied"
    SUPERSEDED = "superseded"
    ALREADY = "already"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    ERASED = "erased"


class OptOut(StrEnum):
    """Whether a text asks for no further contact at all (T2, E8)."""

    YES = "yes"
    UNSURE = "unsure"
    NO = "no"


class Speaker(StrEnum):
    """Who said a quoted sentence."""

    FAMILY = "family"
    ACADEMY = "academy"
    UNKNOWN = "unknown"


class ExtractionStatus(StrEnum):
    """How an extraction came about (E3, E4)."""

    OK = "ok"
    FALLBACK = "fallback"
    FAILED = "failed"
    SKIPPED = "skipped"


class Failure(StrEnum):
    """Why the answer of a model was not had, or not used (E4)."""

    NO_REPLY = "no_reply"
    UNREACHED = "unreached"
    LATE = "late"
    BUSY = "busy"
    QUOTA = "quota"
    ERROR = "error"
    DENIED = "denied"
    REFUSED = "refused"
    FILTERED = "filtered"
    CUT = "cut"
    MALFORMED = "malformed"
    INJECTION = "injection"
    TOO_LONG = "too_long"
    BUDGET = "budget"


class Flushed(StrEnum):
    """Why the messages of a conversation were read when they were (T1)."""

    QUIET = "quiet"
    LONGEST = "longest"
    COUNT = "count"
    URGENT = "urgent"
    WEIGHT = "weight"


class Payment(StrEnum):
    """What came of a payment that was due."""

    PAID = "paid"
    MISSED = "missed"
    REFUNDED = "refunded"


class Told(StrEnum):
    """How an operator means a status (S5): it happened, or what was read before was wrong."""

    OBSERVED = "observed"
    CORRECTION = "correction"


class OperatorAnswer(StrEnum):
    """What an operator says to a decision (S5, R3)."""

    REJECTED = "rejected"
    ACCEPTED = "accepted"
    EXECUTED = "executed"


class ReminderAnswer(StrEnum):
    """What an operator says to a reminder."""

    SNOOZED = "snoozed"
    DISMISSED = "dismissed"
    DONE = "done"


class ReviewKind(StrEnum):
    """Why a household is on the operators' queue at once (S6)."""

    HELD = "held"
    DECLINED_BY_MODEL = "declined_by_model"
    INBOUND_AFTER_DECLINE = "inbound_after_decline"
