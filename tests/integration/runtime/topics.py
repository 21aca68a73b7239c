"""Makes a broker's topic other than the catalogue says."""

from confluent_kafka import KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined] # its stubs lack them
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from runtime import clients
from runtime.checks import differences
from runtime.settings import Settings
from tests.broker import eventually


def configure(settings: Settings, topic: str, name: str, value: str) -> None:
    """Sets one configuration and waits until the broker tells it."""
    entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, settings.topic(topic), incremental_configs=[entry])
    admin = clients.admin(settings)
    for future in admin.incremental_alter_configs([resource]).values():
        future.result(10)
    eventually(lambda: configured(settings, topic, name) == value, f"{name} of {topic}")


def configured(settings: Settings, topic: str, name: str) -> str:
    """What the broker has."""
    admin = clients.admin(settings)
    (future,) = admin.describe_configs([ConfigResource(ResourceType.TOPIC, settings.topic(topic))]).values()
    value: str = future.result(10)[name].value
    return value


def delete(settings: Settings, topic: str) -> None:
    """Deletes one topic and waits until it is gone."""
    admin, name = clients.admin(settings), settings.topic(topic)
    for future in admin.delete_topics([name], operation_timeout=10).values():
        future.result(10)
    eventually(lambda: name not in admin.list_topics(timeout=10).topics, f"{topic} is gone")


def await_visible(settings: Settings) -> None:
    """Until the broker tells every topic as the catalogue says: creating one returns a little earlier."""
    admin = clients.admin(settings)

    def visible() -> bool:
        try:
            return not differences(settings, admin)
        except KafkaException:
            return False

    eventually(visible, "the topics are visible")
