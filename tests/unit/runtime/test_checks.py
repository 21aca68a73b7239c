"""What a service refuses to start on, as far as no broker is needed."""

import pytest

from runtime.checks import check_broker
from runtime.errors import Misconfigured


def test_a_broker_below_4_names_its_version_and_is_refused() -> None:
    with pytest.raises(Misconfigured, match=r"3\.7-IV4.*Kafka 4\.0 or newer.*upgrade"):
        check_broker({"inter.broker.protocol.version": "3.7-IV4", "log.dirs": "x"})


def test_a_broker_of_4_has_no_such_setting() -> None:
    check_broker({"log.dirs": "x"})
