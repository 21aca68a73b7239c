"""What a reader may ask: path and query parameters, their bounds, and how a list goes on."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping

from domain.vocabulary import Bucket, Status
from projections.api.cursors import Cursors
from projections.api.filters import Filters
from projections.api.queries import Sort
from projections.api.queue_queries import Place as QueuePlace
from projections.api.reminder_queries import Place as ReminderPlace
from projections.api.searched import Searched, Token, found_by
from runtime.problems import Problem, invalid

NOW = "now"
_NO_TIME = "must be `now`, or a time with its zone such as 2026-09-07T17:00:00Z"
_ID = r"^[^\x00]{1,200}$"  # Postgres takes no NUL in a text
LeadId = Annotated[str, Path(pattern=_ID, examples=["lead-4711"])]
EventId = Annotated[str, Path(pattern=_ID, examples=["0197f0a2-5a3e-7c1d-9b6e-3f2a1c0d4e5b"])]
DecisionId = Annotated[str, Path(pattern=_ID, examples=["5f3c1a2b-8d4e-8f60-9a1b-2c3d4e5f6071"])]
Cursor = Annotated[str | None, Field(max_length=600, description="`next_cursor` of the page before")]
_FOREIGN = ("cursor", "was not given by this list with these filters; leave it out for the first page")


def _state(value: str) -> str:
    status, _, bucket = value.partition(":")
    if status not in list(Status) or bucket not in list(Bucket):
        raise ValueError("must be status:bucket, such as contacted:considering")
    return value


def _due(value: str) -> str:
    if value == NOW:
        return NOW
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(_NO_TIME) from None
    if moment.tzinfo is None:
        raise ValueError(_NO_TIME)
    return moment.astimezone(UTC).isoformat()


def _moment(due: str | None, now: datetime) -> datetime | None:
    if due is None:
        return None
    return now if due == NOW else datetime.fromisoformat(due)


_Until = Annotated[str, AfterValidator(_due)] | None
_Due = Annotated[
    _Until,
    Field(
        description="the decision in force was to be carried out by then (`now`, or a time with its zone),"
        " and was not",
        examples=["now", "2026-09-07T17:00:00Z"],
    ),
]


class Asked(BaseModel):
    """A parameter that is not listed is refused, so that a misspelt filter never shows everything."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LeadsAsked(Asked):
    """Which leads, in which order, from where on."""

    status: Status | None = None
    bucket: Bucket | None = None
    action: str | None = Field(None, pattern=r"^[a-z_]{1,60}$", description="of the decision in force")
    due: _Due = None
    q: Searched = None
    sort: Sort = Field(
        "updated",
        description="by the last answer or the last decision, the latest first; or by when the decision is due,"
        " the soonest first",
    )
    cursor: Cursor = None
    limit: int = Field(50, ge=1, le=200)

    def filters(self, now: datetime, token: Token) -> Filters:
        """What of it chooses."""
        found = found_by(self.q, token)
        return Filters(self.status, self.bucket, self.action, _moment(self.due, now), found)

    def after(self, cursors: Cursors) -> tuple[datetime, str] | None:
        """Time and lead id of the last item of the page before; raises the 422 problem."""
        if self.cursor is None:
            return None
        try:
            time, lead_id = cursors.place(self._listing, self.cursor)
            return datetime.fromisoformat(str(time)), str(lead_id)
        except ValueError:
            raise foreign() from None

    def cursor_after(self, cursors: Cursors, row: RowMapping) -> str:
        """For the page that begins behind this row."""
        return cursors.made(self._listing, (row["place"].isoformat(), row["lead_id"]))

    @property
    def _listing(self) -> tuple[str | None, ...]:
        return ("leads", self.sort, self.status, self.bucket, self.action, self.due, self.q)


class QueueAsked(Asked):
    """How far down in what an operator does next."""

    cursor: Cursor = None
    limit: int = Field(50, ge=1, le=200)

    def after(self, cursors: Cursors) -> QueuePlace | None:
        """Of the last item of the page before; raises the 422 problem."""
        if self.cursor is None:
            return None
        try:
            since, lead_id, kind, one = cursors.place(("queue",), self.cursor)
            return datetime.fromisoformat(str(since)), str(lead_id), str(kind), str(one)
        except ValueError:
            raise foreign() from None

    def cursor_after(self, cursors: Cursors, row: RowMapping) -> str:
        """For the page that begins behind this row."""
        where = (row["since"].isoformat(), row["lead_id"], row["kind"], row["event_id"] or "")
        return cursors.made(("queue",), where)


class RemindersAsked(Asked):
    """Which open reminders, from where on."""

    due: _Until = Field(
        None,
        description="due by then (`now`, or a time with its zone); without it every open one",
        examples=["now", "2026-09-07T17:00:00Z"],
    )
    cursor: Cursor = None
    limit: int = Field(50, ge=1, le=200)

    def until(self, now: datetime) -> datetime | None:
        """The moment by which they are due."""
        return _moment(self.due, now)

    def after(self, cursors: Cursors) -> ReminderPlace | None:
        """Of the last item of the page before; raises the 422 problem."""
        if self.cursor is None:
            return None
        try:
            due_at, lead_id, reminder_id = cursors.place(("reminders", self.due), self.cursor)
            return datetime.fromisoformat(str(due_at)), str(lead_id), str(reminder_id)
        except ValueError:
            raise foreign() from None

    def cursor_after(self, cursors: Cursors, row: RowMapping) -> str:
        """For the page that begins behind this row."""
        where = (row["due_at"].isoformat(), row["lead_id"], row["reminder_id"])
        return cursors.made(("reminders", self.due), where)


class HistoryAsked(Asked):
    """How far back in a lead's decisions."""

    cursor: Cursor = None
    limit: int = Field(20, ge=1, le=100)

    def before(self, cursors: Cursors, lead_id: str) -> int | None:
        """Sequence of the last item of the page before; raises the 422 problem."""
        if self.cursor is None:
            return None
        try:
            (sequence,) = cursors.place(("decisions", lead_id), self.cursor)
            return int(sequence)
        except ValueError:
            raise foreign() from None

    def cursor_after(self, cursors: Cursors, lead_id: str, row: RowMapping) -> str:
        """For the page that begins behind this row."""
        return cursors.made(("decisions", lead_id), (row["sequence"],))


class TimelineAsked(Asked):
    """How far back in what happened with a lead."""

    cursor: Cursor = None
    limit: int = Field(50, ge=1, le=200)

    def before(self, cursors: Cursors, lead_id: str) -> tuple[int, int, int] | None:
        """Root offset, rank and number of the last item of the page before; raises the 422 problem."""
        if self.cursor is None:
            return None
        try:
            root_offset, rank, number = cursors.place(("timeline", lead_id), self.cursor)
            return int(root_offset), int(rank), int(number)
        except ValueError:
            raise foreign() from None

    def cursor_after(self, cursors: Cursors, lead_id: str, row: RowMapping) -> str:
        """For the page that begins behind this row."""
        return cursors.made(("timeline", lead_id), (row["root_offset"], row["rank"], row["number"]))


TableId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,100}$", description="the learning table")]
_STATE = Field(description="status:bucket", examples=["contacted:considering"])
State = Annotated[str, AfterValidator(_state), _STATE]
_State = Annotated[Annotated[str, AfterValidator(_state)] | None, _STATE]


class ValuesAsked(Asked):
    """Which learned values."""

    state: _State = None
    table: TableId = "default"


class TransitionsAsked(Asked):
    """Which transitions of a learning table, from where on."""

    lead_id: str | None = Field(None, pattern=_ID)
    state: _State = None
    table: TableId = "default"
    cursor: Cursor = None
    limit: int = Field(50, ge=1, le=200)

    def before(self, cursors: Cursors) -> int | None:
        """Version of the last item of the page before; raises the 422 problem."""
        if self.cursor is None:
            return None
        try:
            (version,) = cursors.place(self._listing, self.cursor)
            return int(version)
        except ValueError:
            raise foreign() from None

    def cursor_after(self, cursors: Cursors, row: RowMapping) -> str:
        """For the page that begins behind this row."""
        return cursors.made(self._listing, (row["version"],))

    @property
    def _listing(self) -> tuple[str | None, ...]:
        return ("transitions", self.table, self.lead_id, self.state)


def foreign() -> Problem:
    """422: the cursor is another list's, or nobody's."""
    return invalid(_FOREIGN)
