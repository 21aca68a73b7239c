"""`GET /api/exports/{view}`: a whole view as a file, for analysts."""

import asyncio
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import anyio
import psycopg
import structlog
from fastapi import APIRouter, Depends, Header, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Send
from starlette.types import Scope as Request

from projections.api.asked import Asked
from projections.api.reading import missing
from projections.api.seats import Seats
from projections.api.views import MISSING, PROBLEM
from projections.exports import Export, Format, exportable
from runtime.problems import unavailable
from runtime.tokens import Scope, Token
from runtime.web import needs

log = structlog.get_logger()

TYPES: dict[Format, str] = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
GIVEN: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The view as one snapshot has it. What is sealed stays so. `Academy-Positions` says which"
        " offset of each topic and partition comes next; a Parquet file has the same in its metadata.",
        "headers": {
            "Academy-Positions": {
                "description": "JSON: of each topic the next offset of every partition, from 0 on",
                "schema": {"type": "string"},
                "example": '{"leads":[1043,993],"decisions":[2086,1986]}',
            }
        },
        "content": {
            "text/csv": {
                "schema": {"type": "string"},
                "example": "table_id,version,alpha,gamma\\ndefault,41,0.1,0.9\\n",
            },
            "application/vnd.apache.parquet": {"schema": {"type": "string", "format": "binary"}},
        },
    },
    429: PROBLEM | {"description": "This token has as many exports as it may."},
}
ViewName = Annotated[
    str,
    Path(json_schema_extra={"enum": sorted(exportable())}, description="which view", examples=["decisions"]),
]


class ExportAsked(Asked):
    """As what."""

    form: Format = Field("csv", alias="format")


class Download(StreamingResponse):
    """Ends what feeds it however it ends, and gives nobody more than its time."""

    def __init__(self, parts: Iterator[bytes], headers: dict[str, str], form: Format, seconds: float) -> None:
        super().__init__(parts, headers=headers, media_type=TYPES[form])
        self._seconds = seconds
        self.end: Callable[[], None] = lambda: None

    async def __call__(self, scope: Request, receive: Receive, send: Send) -> None:
        """Send the file; one that takes too long is broken off, which its reader notices."""
        try:
            async with asyncio.timeout(self._seconds):
                await super().__call__(scope, receive, send)
        except TimeoutError:
            log.warning("export_broken_off", seconds=self._seconds)
        finally:
            with anyio.CancelScope(shield=True):
                await run_in_threadpool(self.end)


def router(exports: "Exports") -> APIRouter:
    """The route over one database."""
    routes = APIRouter(prefix="/api", tags=["analyse"], responses=MISSING | GIVEN)
    routes.get("/exports/{view}", response_class=Download, status_code=200)(exports.export_view)
    return routes


@dataclass(frozen=True, slots=True)
class Exports:
    """The route's function; each export has a connection of its own and takes a seat."""

    dsn: str
    schema: str
    seats: Seats
    seconds: float

    def export_view(
        self,
        view: ViewName,
        asked: Annotated[ExportAsked, Query()],
        token: Annotated[Token, Depends(needs(Scope.ANALYSE))],
        accept_encoding: Annotated[str, Header()] = "",
    ) -> Download:
        """All rows of a view in one snapshot, as CSV (gzip where it is accepted) or Parquet."""
        if view not in exportable():
            raise missing("view")
        self.seats.take(token.name)
        try:
            export = Export(self.dsn, self.schema, view, self.seconds)
        except BaseException as error:  # a cancelled request, too, lets go of its connection
            self.seats.leave(token.name)
            if isinstance(error, psycopg.Error):
                raise unavailable("Postgres is away or has no views yet; come again in a moment.") from error
            raise
        return self._download(export, asked.form, token.name, zipped="gzip" in accept_encoding)

    def _download(self, export: Export, form: Format, name: str, *, zipped: bool) -> Download:
        headers = {
            "Academy-Positions": export.manifest.said,
            "Content-Disposition": f'attachment; filename="{export.manifest.view}.{form}"',
            "Vary": "Accept-Encoding",
        }
        parts: Iterator[bytes] = export.parts(form)
        if form == "csv" and zipped:
            parts, headers["Content-Encoding"] = _zipped(parts), "gzip"
        download = Download(parts, headers, form, self.seconds)

        def end() -> None:
            export.close()
            self.seats.leave(name)

        download.end = end
        return download


def _zipped(parts: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=31)
    for part in parts:
        yield packer.compress(part)
    yield packer.flush()
