"""Rule 4: what fails inside a client's callback stays there and is raised after, for it would drop records."""

from typing import Any

import psycopg
import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition
from pydantic import SecretStr

from projections.service import build as build_views
from runtime import clients
from runtime.health import Health
from runtime.metrics import Metrics
from runtime.projector import Projector
from runtime.settings import Settings
from runtime.source import Source

SETTINGS = Settings(postgres=SecretStr("postgresql://academy@127.0.0.1:9/academy"))
PLACES = [TopicPartition("interactions", 0)]


class Refusing:
    """A consumer that takes and gives back no partition."""

    def incremental_assign(self, _places: object) -> None:
        raise KafkaException(KafkaError(KafkaError._STATE))

    def poll(self, _wait: float) -> None:
        return None

    def incremental_unassign(self, _places: object) -> None:
        raise KafkaException(KafkaError(KafkaError._STATE))


@pytest.mark.parametrize("callback", ["_on_assign", "_on_revoke", "_on_lost"])
def test_no_failure_leaves_a_callback_of_the_source(callback: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refusing: Any = Refusing()
    monkeypatch.setattr(clients, "member", lambda *_: refusing)
    source = Source(SETTINGS, "extractor", "interactions", _fine, _fine, _fine)

    getattr(source, callback)(refusing, PLACES)

    with pytest.raises(KafkaException):
        source.messages(0)


def _fine(*_numbers: object) -> None:
    """Who owns the source has nothing to say."""


@pytest.mark.parametrize(
    ("callback", "failure"), [("_on_assign", psycopg.OperationalError), ("_on_revoke", KafkaException)]
)
def test_no_failure_leaves_a_callback_of_the_projector(callback: str, failure: type[Exception]) -> None:
    projector = Projector(SETTINGS, build_views(), Health(), Metrics())

    getattr(projector, callback)(Refusing(), PLACES)

    assert isinstance(projector._failure, failure)
