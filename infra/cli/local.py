"""What `academy run` puts on top of broker and database: topics, schema, configuration, services, demo."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from rich.console import Console

from extractor.choosing import refuse_unreadable
from extractor.settings import ExtractorSettings, ProviderSettings
from infra import topics
from infra.cli.demo import played, tell
from infra.cli.run import Hook, Plan
from infra.configuration import configure
from infra.local.lags import settle
from infra.local.layout import Layout
from infra.local.services import ServiceSpec
from infra.local.settings import LocalSettings
from infra.local.stack import Addresses
from infra.local.status import Status, read, report
from infra.local.teller import Teller
from ingest.intake import TOPIC
from projections.migrate import upgrade
from runtime.checks import await_kafka
from runtime.global_table import end_offsets
from runtime.master import default_master_path, load_master

KEYLESS = (
    *("ACADEMY_POSTGRES", "ACADEMY_MASTER_KEY", "ACADEMY_MASTER_KEY_FILE", "ACADEMY_MASTER_KEY_PROVIDER"),
    *("ACADEMY_TOKENS", "ACADEMY_TOKEN_FILE"),
)
"""What nobody is given who decides or learns: whatever opens words, or speaks for somebody."""


def services(master_key: Path | None) -> tuple[ServiceSpec, ...]:
    """What runs locally; only those that seal or open are told where the master key is, if it is a file."""
    keys = {} if master_key is None else {"ACADEMY_MASTER_KEY_FILE": str(master_key)}
    return (
        ServiceSpec("inbox", ("inbox",), keys),
        ServiceSpec("extractor", ("extractor",), keys, passes=("ACADEMY_", "OPENAI_")),
        ServiceSpec("decider", ("decider",), withheld=KEYLESS),
        ServiceSpec("learner", ("learner",), withheld=KEYLESS),
        ServiceSpec("projections", ("projections",)),
        ServiceSpec("web", ("ingest", "api"), keys, public=True),
    )


class Local:
    """The steps of one local start."""

    def __init__(self, settings: LocalSettings, *, demo: bool) -> None:
        self._settings = settings
        is_file = settings.master_key is None and settings.master_key_provider is None
        path = (settings.master_key_file or default_master_path()).expanduser().resolve()
        self._master_key = path if is_file else None
        self._demo = demo
        self._played: dict[str, Any] | None = None

    def plan(self) -> Plan:
        """What `run` does before, between and after the services start; raises Misconfigured for an unusable reader."""
        refuse_unreadable(ExtractorSettings(), ProviderSettings())
        before = [
            Hook("topics", self._topics),
            Hook("database schema", self._migrate),
            Hook("configuration", self._configure),
            Hook("master key", self._unlock),
        ]
        after = [Hook("views", self._tell)] if self._demo else []
        between = self._play if self._demo else None
        return Plan(lambda _layout, _addresses: services(self._master_key), before, after, between, _hints)

    def _at(self, addresses: Addresses) -> LocalSettings:
        return self._settings.model_copy(
            update={"kafka": addresses.kafka, "postgres": SecretStr(addresses.postgres)}
        )

    def _topics(self, addresses: Addresses) -> None:
        settings = self._at(addresses)
        topics.apply(settings, await_kafka(settings))

    def _migrate(self, addresses: Addresses) -> None:
        upgrade(addresses.postgres, self._settings.schema_name)

    def _configure(self, addresses: Addresses) -> None:
        configure(self._at(addresses), enrolment_from="stated" if self._demo else "records")

    def _unlock(self, _addresses: Addresses) -> None:
        """The key is made at the first start, beside the user's other configuration, never in the data folder."""
        if self._master_key is not None:
            load_master(self._master_key, create=True)

    def _play(self, addresses: Addresses, teller: Teller) -> None:
        """On an empty log the story is history that ends now."""
        settings = self._at(addresses)
        if not any(end_offsets(settings, settings.topic(TOPIC)).values()):
            with teller.step("sixty days of invented families"):
                self._played = played(settings, datetime.now(UTC), teller.say)

    def _tell(self, _addresses: Addresses) -> None:
        if self._played is None:
            return
        known = read(Layout.at(self._settings.data_dir))
        if not settle(
            lambda: [row["lag"] for row in report(known)["services"] if row["name"] == "projections"]
        ):
            Console(stderr=True).print("the views are still behind; `academy status` shows how far")
        tell(self._played, as_json=False)


def _hints(status: Status) -> list[str]:
    return [
        "Try:",
        f'  TOKEN=$(cat "{status.token_file}")',
        f'  curl -H "Authorization: Bearer $TOKEN" {status.api}/api/leads',
        f'  curl -H "Authorization: Bearer $TOKEN" {status.api}/api/nba/fam-mitchell/current',
    ]
