"""Whether the caller has this answer already: a weak ETag of what the answer is made of, compared before it is made.

Weak, because it names rows and not bytes: two copies may spell the same answer differently.
"""

import base64
import hashlib
from importlib.metadata import version
from typing import Annotated, Any

import msgspec
from fastapi import Depends, Header, Response
from pydantic import BaseModel
from sqlalchemy import RowMapping

from runtime.problems import Problem

RELEASE = version("academy-outreach")
"""Another release may tell the same rows in other words."""
KEPT = "private, no-cache"
"""A caller may keep the answer for itself, and asks again before it shows it again."""
HAD_LIMIT = 2_000
"""Characters of the ETags that a caller has."""
_Had = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        max_length=HAD_LIMIT,
        description="ETags of answers that the caller has; one that still holds is answered by 304, without a body",
        examples=['W/"AAECAwQFBgcICQoL"'],
    ),
]


class Unchanged(Problem):
    """304: the caller has this answer."""

    def __init__(self, headers: dict[str, str]) -> None:
        super().__init__(304, "unchanged", "The answer is the one that you have.", headers)

    def response(self) -> Response:
        """No body, and no type of one."""
        return Response(status_code=304, headers=self.headers)


class Fresh:
    """What the caller has, and the answer's headers; those of a ready answer are `headers`."""

    def __init__(self, response: Response, had: str | None = None) -> None:
        self._response, self._had = response, had
        self.headers: dict[str, str] = {}

    @property
    def asked(self) -> bool:
        """Whether the caller has anything to compare."""
        return self._had is not None

    def unless_had(self, *made_of: Any) -> None:
        """Raises the 304 if the caller has the answer that these rows make; else the answer carries their tag."""
        tag = tag_of(*made_of)
        self.headers = {"ETag": tag, "Cache-Control": KEPT}
        if self._had is not None and _holds(self._had, tag):
            raise Unchanged(self.headers)
        self._response.headers.update(self.headers)

    def answer(self, made: BaseModel) -> Response:
        """The model as JSON with these headers: FastAPI checks what it turns into JSON a second time."""
        return Response(made.model_dump_json(), media_type="application/json", headers=self.headers)


async def _fresh(response: Response, had: _Had = None) -> Fresh:
    """Awaited, since FastAPI calls what is not in another thread."""
    return Fresh(response, had)


Freshness = Annotated[Fresh, Depends(_fresh)]


def tag_of(*made_of: Any) -> str:
    """The weak ETag of rows, which are equal where every value is."""
    said = msgspec.json.encode((RELEASE, made_of), enc_hook=_row)
    return 'W/"' + base64.urlsafe_b64encode(hashlib.sha256(said).digest()[:12]).decode() + '"'


def _holds(had: str, tag: str) -> bool:
    """Weakly compared, as RFC 9110 asks of If-None-Match."""
    known = {one.strip().removeprefix("W/") for one in had.split(",")}
    return "*" in known or tag.removeprefix("W/") in known


def _row(value: Any) -> Any:
    if isinstance(value, RowMapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no part of a row")
