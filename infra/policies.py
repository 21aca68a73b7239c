"""The policies in force: read, replaced by a next version, and a learned table put by as a snapshot (P1)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from confluent_kafka import KafkaException, Producer

from decider.tables import CURRENT, POLICIES, Q_TABLE, Policies
from domain.bounds import wrong
from domain.decisions import LIVE, PROMOTED
from domain.parameters import Parameters
from domain.policies import CHAMPION, UCB, Learned, UnknownPolicy, basis_of
from domain.q_learning import NO_VALUES, Values
from domain.snapshots import Snapshot, frozen, taken
from runtime import clients
from runtime.clients import CALL_SECONDS
from runtime.errors import NotReady, RuntimeFault
from runtime.global_table import GlobalTable
from runtime.settings import Settings
from schemas.codec import encode


class Unusable(RuntimeFault):
    """Parameters that may not come into force; says which field, and what it must be."""


def read(settings: Settings) -> Policies:
    """The parameters in force and every snapshot; raises NotReady."""
    table = GlobalTable(POLICIES, settings)
    try:
        table.start()
        return table.view
    finally:
        table.close()


def change(settings: Settings, to: Callable[[Parameters], Parameters]) -> Parameters:
    """The next version of the parameters; raises Unusable, or NotReady where it could not be written."""
    with _writing(settings) as (found, write):
        after = _next(found, to)
        write(after)
        return after


def checked(settings: Settings, to: Callable[[Parameters], Parameters]) -> Parameters:
    """What `change` would bring into force; raises Unusable or NotReady."""
    return _next(read(settings), to)


def take_and_activate(settings: Settings, width: float) -> Parameters:
    """The learned table as it stands becomes the champion, and decides alone (P1)."""
    with _writing(settings) as (found, write):
        parameters = in_force(found)
        values = _learned(settings, parameters.table_id)
        if not any(row.visits for _state, _action, row in values):
            raise Unusable(
                f"table {parameters.table_id} has learned from nothing yet: there is nothing to put by"
            )
        number = max(found.snapshots, default=0) + 1
        snapshot = taken(values, number, datetime.now(UTC), width)
        snapshots = {**found.snapshots, number: frozen(snapshot)}
        after = _next(replace(found, snapshots=snapshots), lambda before: promoted(before, number))
        write(snapshot)
        write(after)
        return after


def promoted(parameters: Parameters, version: int) -> Parameters:
    """A snapshot decides; what is learned meanwhile is looked at by nobody."""
    return replace(parameters, mode=PROMOTED, policy_id=CHAMPION, champion=version)


def live(parameters: Parameters) -> Parameters:
    """The learned values decide as they stand."""
    return replace(parameters, mode=LIVE, policy_id=UCB)


def in_force(found: Policies) -> Parameters:
    """The parameters; raises NotReady before the first start."""
    if found.current is None:
        raise NotReady("no parameters yet; run `academy topics apply` first")
    return found.current


def _next(found: Policies, to: Callable[[Parameters], Parameters]) -> Parameters:
    before = in_force(found)
    after = to(before)
    if after == before:
        raise Unusable("nothing would change: these parameters are in force already")
    for field, sentence in wrong(after):
        raise Unusable(f"{field} {sentence}")
    arms = [arm.policy_id for arm in after.experiment.arms] if after.experiment else []
    try:
        for policy_id in (after.policy_id, *arms):
            basis_of(policy_id, Learned(NO_VALUES, after, found.snapshots))
    except UnknownPolicy as unknown:
        raise Unusable(str(unknown)) from None
    return replace(after, version=before.version + 1, recorded_at=datetime.now(UTC))


def _learned(settings: Settings, table_id: str) -> Values:
    table = GlobalTable(Q_TABLE, settings)
    try:
        table.start()
        return table.view.get(table_id, NO_VALUES)
    finally:
        table.close()


@contextmanager
def _writing(settings: Settings) -> Iterator[tuple[Policies, Callable[[Parameters | Snapshot], None]]]:
    """What is in force, and how to write the next: a rival that came first is seen, one that comes later fences us."""
    producer = clients.transactional(settings, "configuration")
    topic = settings.topic("policies")

    def write(value: Parameters | Snapshot) -> None:
        for key in _keys(value):
            producer.produce(topic, encode("policies", value), key)

    try:
        producer.init_transactions(CALL_SECONDS)
        found = read(settings)
        producer.begin_transaction()
        yield found, write
        producer.commit_transaction(CALL_SECONDS)
    except KafkaException as failed:
        raise NotReady(f"the policies could not be written: {failed.args[0].str()}; try again") from failed
    except RuntimeFault:
        _give_up(producer)
        raise


def _give_up(producer: Producer) -> None:
    try:
        producer.abort_transaction(CALL_SECONDS)
    except KafkaException:  # nothing was begun, or a rival has taken over
        return


def _keys(value: Parameters | Snapshot) -> tuple[str, ...]:
    if isinstance(value, Snapshot):
        return (f"snapshot|{value.version}",)
    return CURRENT, f"{CURRENT}|{value.version}"
