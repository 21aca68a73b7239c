"""The view of decisions, where there is no Postgres to ask."""

import pytest
from pydantic import SecretStr

from ingest.decisions import DecisionsView
from ingest.settings import IngestSettings
from runtime.errors import Misconfigured, NotReady

NOBODY = SecretStr("postgresql://nobody:secret@127.0.0.1:1/nobody")


def test_postgres_away_is_not_ready_without_its_address(settings: IngestSettings) -> None:
    view = DecisionsView(settings.model_copy(update={"postgres": NOBODY}))
    with pytest.raises(NotReady, match=r"^Postgres does not answer \(OperationalError\)$"):
        view.lead_of("5b9602f9-5118-80a5-aced-2df8749dd57e")
    with pytest.raises(NotReady):
        view.answered("lead-ada", "5b9602f9-5118-80a5-aced-2df8749dd57e")


def test_no_database_is_told_at_the_start(settings: IngestSettings) -> None:
    with pytest.raises(Misconfigured, match="ACADEMY_POSTGRES is not set"):
        DecisionsView(settings)
