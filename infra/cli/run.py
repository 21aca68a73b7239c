"""`academy run` and `academy stop`: the local system in the foreground, and its end from elsewhere."""

import os
import secrets
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import FrameType

from rich.console import Console

from infra.local import hold, status
from infra.local.errors import LocalError, StopTimedOutError
from infra.local.layout import Layout, write_private
from infra.local.ports import public_port
from infra.local.services import ServiceSpec
from infra.local.settings import LocalSettings
from infra.local.stack import Addresses, Stack, running
from infra.local.teller import Screen, Teller, Terminal

# The promise of Ctrl-C and `academy stop`.
STOP_SECONDS = 10.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Hook:
    """A step of the start-up that is not a process: topics, migrations, configuration."""

    name: str
    work: Callable[[Addresses], object]


@dataclass(frozen=True, slots=True)
class Plan:
    """What `run` starts on top of broker and database, and what it tells a person to try."""

    services: Callable[[Layout, Addresses], Sequence[ServiceSpec]]
    before: Sequence[Hook] = ()
    after: Sequence[Hook] = ()
    # While the services run that nobody reaches from outside: a history is told before the present begins.
    between: Callable[[Addresses, Teller], object] | None = None
    hints: Callable[[status.Status], Sequence[str]] = lambda _: ()


def run(settings: LocalSettings, plan: Plan) -> int:
    """Run the local system until a signal; gives the exit code, having said what went wrong on stderr."""
    terminal = Terminal(Screen())
    layout = Layout.at(settings.data_dir)
    try:
        with (
            signals_interrupt(),
            running(layout, settings, terminal) as stack,
            public_port(settings.port) as port,  # before the long steps: a busy port is refused at once
        ):
            make_token(layout)
            _start(stack, layout, plan, port, terminal)
            stack.wait()
    except KeyboardInterrupt:
        terminal.print("stopped")
        return 0
    except LocalError as error:
        return refuse(error)
    return 0


def stop(settings: LocalSettings) -> int:
    """End the system that runs on the data folder; gives the exit code."""
    layout = Layout.at(settings.data_dir)
    try:
        pid = status.read(layout).pid
        begun = time.monotonic()
        os.kill(pid, signal.SIGTERM)
        if not hold.is_let_go(layout, STOP_SECONDS):
            raise StopTimedOutError(pid=pid, seconds=STOP_SECONDS, logs=layout.logs)
    except LocalError as error:
        return refuse(error)
    Console().print(f"stopped process {pid} in {time.monotonic() - begun:.1f} s")
    return 0


def clean(settings: LocalSettings) -> int:
    """Remove the data folder; gives the exit code."""
    try:
        hold.remove_all(Layout.at(settings.data_dir))
    except LocalError as error:
        return refuse(error)
    return 0


def refuse(error: LocalError) -> int:
    """Say the error's sentence on stderr; gives exit code 1."""
    Console(stderr=True).print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
    return 1


def make_token(layout: Layout) -> None:
    """Make the token with all scopes, once."""
    if not layout.token.exists():
        write_private(layout.token, secrets.token_urlsafe(32))


def _start(stack: Stack, layout: Layout, plan: Plan, port: int, terminal: Terminal) -> None:
    begun = time.monotonic()
    addresses = stack.begin()
    _do(plan.before, addresses, terminal)
    between = None if plan.between is None else partial(plan.between, addresses, terminal)
    stack.serve(plan.services(layout, addresses), addresses, port, between)
    _do(plan.after, addresses, terminal)
    terminal.print(f"everything is up after {time.monotonic() - begun:.1f} s")
    for line in (*_where(stack.status), *plan.hints(stack.status), "Ctrl-C stops it."):
        terminal.print(line)


def _do(hooks: Sequence[Hook], addresses: Addresses, terminal: Terminal) -> None:
    for hook in hooks:
        with terminal.step(hook.name):
            hook.work(addresses)


def _where(known: status.Status) -> list[str]:
    facts = {
        "API, ingest, dashboard": known.api,
        "Kafka": known.kafka,
        "PostgreSQL": known.postgres,
        "token for /api": known.token_file,
    }
    return [f"  {name:<24} {value}" for name, value in facts.items()]


@contextmanager
def signals_interrupt() -> Iterator[None]:
    """Turn the first signal into `KeyboardInterrupt`; later ones change nothing about the way down."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    heard = [number for number in SIGNALS if not _is_nohup(number)]
    before = {number: signal.signal(number, interrupt) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_nohup(number: signal.Signals) -> bool:
    return number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN
