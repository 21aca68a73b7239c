"""Keys are placed as the clients place them, and the demo has a partition to itself."""

import pytest

from infra.demo.placing import placed, quiet
from infra.demo.story import families
from infra.demo.temporary import PARTITIONS


@pytest.mark.parametrize(
    ("key", "signed"), [("21", -973932308), ("foobar", -790332482), ("a-little-bit-long-string", -985981536)]
)
def test_the_hash_is_that_of_kafkas_own_producer(key: str, signed: int) -> None:
    assert placed(key, 1 << 31) == signed & 0x7FFFFFFF


def test_one_partition_of_the_demo_has_no_family() -> None:
    leads = [family.lead_id for family in families()]
    assert quiet(leads, PARTITIONS) not in {placed(lead, PARTITIONS) for lead in leads}


def test_where_every_partition_is_taken_the_last_one_serves() -> None:
    assert quiet(["fam-1", "fam-2", "fam-3", "fam-4", "fam-5"], 1) == 0
