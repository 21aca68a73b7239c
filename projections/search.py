"""The view that search looks at: for each person of a household the tokens of name and contact points.

Sealed texts are opened in memory alone, and only their keyed hashes are written. An event's rows stand beside those
of the one before until it is the part's in force, so that neither a repeat nor a conflict is ever found.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql

from domain.events import Guardian, LeadPatched, LeadRecorded, Sealed
from projections.event_tables import lead_search
from projections.leads import RECORD_PARTS
from projections.search_words import Hasher, of_email, of_name, of_phone
from projections.tables import leads
from runtime.keys import Keyring, child, guardian
from runtime.transform import Record
from runtime.views import Given, View
from schemas.sealed import Key, Unopenable, unseal

GUARDIANS, CHILDREN = "guardians", "children"
"""Parts of a record whose people are found."""

TABLE = lead_search
TOPICS = ("interactions",)
"""What the view is made from."""

_SETTLED = {f"{GUARDIANS}_offset", f"{CHILDREN}_offset"}
_OVER = sql.SQL(
    "DELETE FROM {table} AS told USING leads WHERE leads.lead_id = told.lead_id AND told.root_offset <"
    " CASE told.part WHEN 'guardians' THEN leads.guardians_offset ELSE leads.children_offset END"
)
_OF = sql.SQL(" AND told.lead_id = ANY(%s)")
_PURGE = "DELETE FROM lead_search WHERE lead_id = %s AND (%s::text IS NULL OR subject = %s)"


def view(keys: Keyring, hasher: Hasher) -> View:
    """The view; its rows raise NotReady while keys cannot be had."""
    return View(
        lead_search,
        dict.fromkeys(TOPICS, People(keys, hasher).from_interactions),
        prune,
        {LeadRecorded: LeadRecorded, LeadPatched: LeadPatched},
    )


def prune(database: psycopg.Connection[Any], table: sa.Table, given: Sequence[Given] | None) -> None:
    """Rows that a later event of their part has replaced go: of the households of a batch, or for None of all."""
    over = _OVER.format(table=sql.Identifier(table.name))
    if given is None:
        database.execute(over)
        return
    touched = {row["lead_id"] for of, row in given if of is table or (of is leads and _SETTLED & row.keys())}
    if touched:
        database.execute(over + _OF, [sorted(touched)])


def purge(database: psycopg.Connection[Any], lead_id: str, subject: str | None) -> int:
    """Nobody finds a person any more, named as its key is, or for None nobody of the household; how many rows went.

    The person's key must be destroyed before, else a record that is still to be projected brings rows again.
    """
    return database.execute(_PURGE, (lead_id, subject, subject)).rowcount


@dataclass(frozen=True, slots=True)
class People:
    """The row function, with what it opens and hashes by."""

    keys: Keyring
    hasher: Hasher

    def from_interactions(self, record: Record) -> Iterable[dict[str, Any]]:
        """A row for each person that a record or a patch tells of and that can be found by something."""
        event = record.value
        if not isinstance(event, LeadRecorded | LeadPatched):
            return
        given = event.given if isinstance(event, LeadPatched) else RECORD_PARTS
        held = self.keys.by_ids({sealed.key_id for sealed in _sealed(event)})
        for part, subject, terms in _people(event, Opened(held)):
            if part in given and terms:
                yield {
                    "lead_id": event.lead_id,
                    "subject": subject,
                    "root_offset": record.offset,
                    "part": part,
                    "tokens": sorted(map(self.hasher, terms)),
                }


@dataclass(frozen=True, slots=True)
class Opened:
    """Opens what is sealed under these keys, by their ids."""

    keys: Mapping[str, Key]

    def text(self, field: str, sealed: Sealed | None) -> str:
        """Nothing where the key was destroyed, or the bytes are not what was sealed."""
        key = None if sealed is None else self.keys.get(sealed.key_id)
        if sealed is None or key is None:
            return ""
        try:
            return unseal(key, field, sealed)
        except Unopenable:
            return ""


def _sealed(event: LeadRecorded | LeadPatched) -> Iterator[Sealed]:
    """What people are found by."""
    for adult in event.guardians:
        yield from filter(None, (adult.name, adult.phone, adult.email))
    for minor in event.children:
        yield from filter(None, (minor.name,))


def _people(event: LeadRecorded | LeadPatched, opened: Opened) -> Iterator[tuple[str, str, set[str]]]:
    """Part of the record, subject and terms of each person."""
    for adult in event.guardians:
        yield GUARDIANS, guardian(event.lead_id, adult.guardian_id), _adult(adult, opened)
    for minor in event.children:
        yield CHILDREN, child(event.lead_id, minor.child_id), of_name(opened.text("name", minor.name))


def _adult(adult: Guardian, opened: Opened) -> set[str]:
    address = opened.text("email", adult.email)
    return {
        *of_name(opened.text("name", adult.name)),
        *of_phone(opened.text("phone", adult.phone)),
        *(of_email(address) if address else ()),
    }
