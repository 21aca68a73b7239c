"""Rule 4: what fails inside a client's callback stays there and is raised after, for it would drop records."""

from typing import Any

import psycopg
import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition
from pydantic import SecretStr

from extractor.service import build
from projections.service import build as build_views
from runtime.health import Health
from runtime.metrics import Metrics
from runtime.processor import Processor
from runtime.projector import Projector
from runtime.restore import Restorer
from runtime.settings import Settings
from tests.keyring import MemoryKeys

SETTINGS = Settings(postgres=SecretStr("postgresql://academy@127.0.0.1:9/academy"))
PLACES = [TopicPartition("interactions", 0)]


class Refusing:
    """A consumer that takes and gives back no partition."""

    def incremental_assign(self, _places: object) -> None:
        raise KafkaException(KafkaError(KafkaError._STATE))

    def incremental_unassign(self, _places: object) -> None:
        raise KafkaException(KafkaError(KafkaError._STATE))


@pytest.mark.parametrize("callback", ["_on_assign", "_on_revoke", "_on_lost"])
def test_no_failure_leaves_a_callback_of_the_processor(callback: str) -> None:
    transform, refusing = build(MemoryKeys()), Refusing()
    given: Any = refusing
    processor = Processor(transform, SETTINGS, Health(), Metrics())
    processor._restorer = Restorer(transform, SETTINGS, dict, given)

    getattr(processor, callback)(refusing, PLACES)

    assert isinstance(processor._failure, KafkaException)


@pytest.mark.parametrize(
    ("callback", "failure"), [("_on_assign", psycopg.OperationalError), ("_on_revoke", KafkaException)]
)
def test_no_failure_leaves_a_callback_of_the_projector(callback: str, failure: type[Exception]) -> None:
    projector = Projector(SETTINGS, build_views(), Health(), Metrics())

    getattr(projector, callback)(Refusing(), PLACES)

    assert isinstance(projector._failure, failure)
