"""Experiment 11: a frozen owner of the views that holds their rows, and a line to Postgres that stalls and breaks."""

import signal
import time
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import SecretStr

from infra.invariants.views import stored
from runtime.settings import Settings
from tests.broker import eventually
from tests.faults.conftest import Table
from tests.faults.line import Line
from tests.faults.pipeline import FIRING_SECONDS, SERVICES, Load, answered, armed, begun, kept, running
from tests.faults.watch import Watch

OTHERS = [name for name in SERVICES if name != "projections"]
TAKEN_OVER_SECONDS = 60.0
STALLED_SECONDS = 12.0
CUTS = 5


def applied(system: Settings) -> int:
    """How many records the views have applied."""
    found = stored(system)
    assert not isinstance(found, str), found
    return sum(found.positions.values())


def test_11_a_frozen_owner_of_the_views_is_replaced_and_gives_way(
    system: Settings, watch: Watch, table: Table, tmp_path: Path
) -> None:
    load = Load(system)
    second = system.model_copy(update={"slot": 1})
    with (
        load.steady(),
        running(system, OTHERS, tmp_path),
        armed(system, "projections", "sql.before@5=stop", tmp_path) as (frozen, proof),
    ):
        eventually(proof.exists, "the owner freezes", FIRING_SECONDS)
        before = applied(system)
        with running(second, ["projections"], tmp_path):
            eventually(lambda: applied(system) > before, "another owner goes on", TAKEN_OVER_SECONDS)
            frozen.send_signal(signal.SIGCONT)
            begun(watch, watch.answered + 60)
    with kept(system, tmp_path):
        answered(watch, load)
        table.closes("11 a frozen owner of the views, and another", system, watch, 1)


def test_11_the_line_to_postgres_stalls_and_breaks(
    system: Settings, watch: Watch, table: Table, tmp_path: Path
) -> None:
    assert system.postgres is not None
    load, dsn = Load(system), system.postgres.get_secret_value()
    with Line(int(str(conninfo_to_dict(dsn)["port"]))) as line:
        through_it = make_conninfo(dsn, host="127.0.0.1", port=line.port)
        bent = system.model_copy(update={"postgres": SecretStr(through_it)})
        with kept(bent, tmp_path):
            with load.steady():
                begun(watch)
                line.stall(stalled=True)
                eventually(lambda: line.stalled > 0, "a statement is stalled", FIRING_SECONDS)
                time.sleep(STALLED_SECONDS)
                line.stall(stalled=False)
                for _cut in range(CUTS):
                    line.cut()
                    begun(watch, watch.answered + 20)
            answered(watch, load)
            fired = line.stalled + line.broken
            table.closes("11 the line to Postgres stalls and breaks", system, watch, fired)
