"""What a reader may ask: path and query parameters, their bounds, and how a list goes on."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping

from domain.vocabulary import Bucket, Status
from projections.api.cursors import cursor, place
from projections.api.queries import Filters, Sort
from runtime.problems import Problem, invalid

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


class Asked(BaseModel):
    """A parameter that is not listed is refused, so that a misspelt filter never shows everything."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LeadsAsked(Asked):
    """Which leads, in which order, from where on."""

    status: Status | None = None
    bucket: Bucket | None = None
    action: str | None = Field(None, pattern=r"^[a-z_]{1,60}$", description="of the decision in force")
    due: AwareDatetime | None = Field(None, description="time alone changes something before this moment")
    sort: Sort = Field("updated", description="by the last answer, or the last decision; latest first")
    cursor: Cursor = None
    limit: int = Field(50, ge=1, le=200)

    @property
    def filters(self) -> Filters:
        """What of it chooses."""
        return Filters(self.status, self.bucket, self.action, self.due)

    def after(self) -> tuple[datetime, str] | None:
        """Time and lead id of the last item of the page before; raises the 422 problem."""
        if self.cursor is None:
            return None
        try:
            time, lead_id = place(self._listing, self.cursor)
            return datetime.fromisoformat(str(time)), str(lead_id)
        except ValueError:
            raise _foreign() from None

    def cursor_after(self, row: RowMapping) -> str:
        """For the page that begins behind this row."""
        return cursor(self._listing, (row["place"].isoformat(), row["lead_id"]))

    @property
    def _listing(self) -> tuple[str | None, ...]:
        due = self.due.astimezone(UTC).isoformat() if self.due else None
        return ("leads", self.sort, self.status, self.bucket, self.action, due)


class HistoryAsked(Asked):
    """How far back in a lead's decisions."""

    cursor: Cursor = None
    limit: int = Field(20, ge=1, le=100)

    def before(self, lead_id: str) -> int | None:
        """Sequence of the last item of the page before; raises the 422 problem."""
        if self.cursor is None:
            return None
        try:
            (sequence,) = place(("decisions", lead_id), self.cursor)
            return int(sequence)
        except ValueError:
            raise _foreign() from None

    def cursor_after(self, lead_id: str, row: RowMapping) -> str:
        """For the page that begins behind this row."""
        return cursor(("decisions", lead_id), (row["sequence"],))


class TimelineAsked(Asked):
    """How far back in what happened with a lead."""

    cursor: Cursor = None
    limit: int = Field(50, ge=1, le=200)

    def before(self, lead_id: str) -> tuple[int, int, int] | None:
        """Root offset, rank and number of the last item of the page before; raises the 422 problem."""
        if self.cursor is None:
            return None
        try:
            root_offset, rank, number = place(("timeline", lead_id), self.cursor)
            return int(root_offset), int(rank), int(number)
        except ValueError:
            raise _foreign() from None

    def cursor_after(self, lead_id: str, row: RowMapping) -> str:
        """For the page that begins behind this row."""
        return cursor(("timeline", lead_id), (row["root_offset"], row["rank"], row["number"]))


_Table = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,100}$", description="the learning table")]
_State = Annotated[
    Annotated[str, AfterValidator(_state)] | None,
    Field(description="status:bucket", examples=["contacted:considering"]),
]


class ValuesAsked(Asked):
    """Which learned values."""

    state: _State = None
    table: _Table = "default"


class TransitionsAsked(Asked):
    """Which transitions of a learning table, from where on."""

    lead_id: str | None = Field(None, pattern=_ID)
    state: _State = None
    table: _Table = "default"
    cursor: Cursor = None
    limit: int = Field(50, ge=1, le=200)

    def before(self) -> int | None:
        """Version of the last item of the page before; raises the 422 problem."""
        if self.cursor is None:
            return None
        try:
            (version,) = place(self._listing, self.cursor)
            return int(version)
        except ValueError:
            raise _foreign() from None

    def cursor_after(self, row: RowMapping) -> str:
        """For the page that begins behind this row."""
        return cursor(self._listing, (row["version"],))

    @property
    def _listing(self) -> tuple[str | None, ...]:
        return ("transitions", self.table, self.lead_id, self.state)


def _foreign() -> Problem:
    return invalid(_FOREIGN)
