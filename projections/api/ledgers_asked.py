"""Which contacts or dead letters a reader may ask for, and how a list goes on."""

from datetime import datetime
from typing import Literal

from pydantic import Field, field_validator
from sqlalchemy import RowMapping

from projections.api.asked import Asked, Cursor, foreign
from projections.api.cursors import Cursors
from projections.api.ledger_queries import KEPT, LetterPlace


class ContactsAsked(Asked):
    """How far back in a household's contacts."""

    cursor: Cursor = None
    limit: int = Field(50, ge=1, le=200)

    def before(self, cursors: Cursors, lead_id: str) -> tuple[datetime, int] | None:
        """Time and root offset of the last item of the page before; raises the 422 problem."""
        if self.cursor is None:
            return None
        try:
            at, root_offset = cursors.place(("contacts", lead_id), self.cursor)
            return datetime.fromisoformat(str(at)), int(root_offset)
        except ValueError:
            raise foreign() from None

    def cursor_after(self, cursors: Cursors, lead_id: str, row: RowMapping) -> str:
        """For the page that begins behind this row."""
        return cursors.made(("contacts", lead_id), (row["at"].isoformat(), row["root_offset"]))


class DeadLettersAsked(Asked):
    """Which dead letters, from where on."""

    group: str | None = Field(None, description="the service that set it aside", examples=["decider"])
    state: Literal["waiting", "redriven", "discarded", "all"] = "waiting"
    cursor: Cursor = None
    limit: int = Field(50, ge=1, le=200)

    @field_validator("group")
    @classmethod
    def _known(cls, group: str | None) -> str | None:
        if group is not None and group not in KEPT:
            raise ValueError(f"must be one of {', '.join(KEPT)}")
        return group

    def filters(self) -> dict[str, str]:
        """What of it chooses, by column."""
        wanted = {"group": self.group, "state": None if self.state == "all" else self.state}
        return {name: value for name, value in wanted.items() if value is not None}

    def before(self, cursors: Cursors) -> LetterPlace | None:
        """Of the last item of the page before; raises the 422 problem."""
        if self.cursor is None:
            return None
        try:
            at, group, partition, offset = cursors.place(self._listing, self.cursor)
            return datetime.fromisoformat(str(at)), str(group), int(partition), int(offset)
        except ValueError:
            raise foreign() from None

    def cursor_after(self, cursors: Cursors, row: RowMapping) -> str:
        """For the page that begins behind this row."""
        where = (row["at"].isoformat(), row["group"], row["partition"], row["offset"])
        return cursors.made(self._listing, where)

    @property
    def _listing(self) -> tuple[str | None, ...]:
        return ("dead-letters", self.group, self.state)
