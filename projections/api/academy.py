"""What the academy says of itself: the only source of prices, dates, places and promises in a draft (F4)."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from runtime.errors import Misconfigured

Own = Annotated[str, StringConstraints(min_length=1, max_length=160, pattern=r"^[^{}\x00-\x1f]+$")]
_SLOT = r"^[a-z_]{1,40}$"


class Academy(BaseModel):
    """The file that ACADEMY_PROFILE_FILE names; every part may be left out, and its sentences with it.

    `says` gives words to slots of sentences, such as aid, first_visit, place or what_to_bring; the lists are what
    a family's programme or question may mention, because the academy says it, too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Own | None = None
    staff: Own | None = None
    programmes: tuple[Own, ...] = ()
    prices: tuple[Own, ...] = ()
    dates: tuple[Own, ...] = ()
    places: tuple[Own, ...] = ()
    promises: tuple[Own, ...] = ()
    says: dict[Annotated[str, StringConstraints(pattern=_SLOT)], Own] = Field(default_factory=dict)

    def configured(self) -> Iterator[str]:
        """Everything that the academy says in so many words."""
        yield from (*self.programmes, *self.prices, *self.dates, *self.places, *self.promises)
        yield from self.says.values()

    def slots(self) -> dict[str, str]:
        """Its words by the slot of a sentence."""
        named = {"academy": self.name, "staff": self.staff}
        return {**self.says, **{slot: words for slot, words in named.items() if words}}


UNNAMED = Academy()
"""An academy that has not been configured: drafts name none, and promise nothing."""


def profile(file: Path | None) -> Academy:
    """The academy of a TOML file; raises Misconfigured where it cannot be read."""
    if file is None:
        return UNNAMED
    try:
        return Academy.model_validate(tomllib.loads(file.read_text("utf-8")))
    except OSError as error:
        raise Misconfigured(f"ACADEMY_PROFILE_FILE cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"ACADEMY_PROFILE_FILE is no TOML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise Misconfigured(f"ACADEMY_PROFILE_FILE: {where} is not valid: {first['msg']}") from None
