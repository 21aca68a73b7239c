"""The view of policies: every version of the parameters and which one is in force, and every snapshot."""

from collections.abc import Iterable
from typing import Any

import msgspec

from domain.parameters import Parameters
from domain.snapshots import Snapshot
from projections.tables import policies
from runtime.transform import Record
from runtime.views import View


def from_policies(record: Record) -> Iterable[dict[str, Any]]:
    """A key with a version keeps that version; the key alone is moved from one to the next."""
    policy = record.value
    if not isinstance(policy, Parameters | Snapshot):
        return
    policy_id, _, version = record.key.partition("|")
    yield {
        "key": record.key,
        "policy_id": policy_id,
        "version": policy.version,
        "is_current": not version,
        "recorded_at": policy.recorded_at,
        "record": msgspec.to_builtins(policy),
    }


VIEW = View(policies, {"policies": from_policies})
