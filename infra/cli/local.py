"""What `academy run` puts on top of broker and database: topics, schema, configuration, services, demo."""

from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr
from rich.console import Console

from infra import topics
from infra.cli.run import Hook, Plan
from infra.cli.screen import screen
from infra.configuration import configure
from infra.demo import feed, story
from infra.local.layout import Layout
from infra.local.services import ServiceSpec
from infra.local.settings import LocalSettings
from infra.local.stack import Addresses
from infra.local.status import Status, read
from projections.migrate import upgrade
from runtime.checks import await_kafka
from runtime.keys import Keys
from runtime.master import default_master_path, load_master
from runtime.outlet import Outlet


def services(master_key: Path) -> tuple[ServiceSpec, ...]:
    """What runs locally; only those that seal or open are told where the master key is."""
    keys = {"ACADEMY_MASTER_KEY_FILE": str(master_key)}
    return (
        ServiceSpec("inbox", ("inbox",), keys),
        ServiceSpec("extractor", ("extractor",), keys, passes=("ACADEMY_", "OPENAI_")),
        ServiceSpec("decider", ("decider",)),
        ServiceSpec("learner", ("learner",)),
        ServiceSpec("projections", ("projections",)),
        ServiceSpec("web", ("ingest", "api"), keys, public=True),
    )


class Local:
    """The steps of one local start."""

    def __init__(self, settings: LocalSettings, *, demo: bool) -> None:
        self._settings = settings
        self._master_key = (settings.master_key_file or default_master_path()).expanduser().resolve()
        self._demo = demo
        self._played = 0

    def plan(self) -> Plan:
        """What `run` does before and after the services start."""
        before = [
            Hook("topics", self._topics),
            Hook("database schema", self._migrate),
            Hook("configuration", self._configure),
            Hook("master key", self._unlock),
        ]
        if self._demo:
            before.append(Hook("six families' history", self._play))
        after = [Hook("families' history decided", self._tell)] if self._demo else []
        return Plan(lambda _layout, _addresses: services(self._master_key), before, after, _hints)

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
        load_master(self._master_key, create=True)

    def _play(self, addresses: Addresses) -> None:
        settings = self._at(addresses)
        if feed.is_empty(settings):
            with Outlet(settings) as outlet:
                self._played = feed.play(settings, outlet, Keys(settings), datetime.now(UTC))

    def _tell(self, _addresses: Addresses) -> None:
        if not self._played:
            return
        status = read(Layout.at(self._settings.data_dir))
        if not story.settle(status):
            Console(stderr=True).print("the services are still behind; `academy status` shows how far")
        token = Path(status.token_file).read_text().strip()
        screen().print(story.table(status.api or "", token))


def _hints(status: Status) -> list[str]:
    return [
        "Try:",
        f'  TOKEN=$(cat "{status.token_file}")',
        f'  curl -H "Authorization: Bearer $TOKEN" {status.api}/api/leads',
        f'  curl -H "Authorization: Bearer $TOKEN" {status.api}/api/nba/fam-mitchell/current',
    ]
