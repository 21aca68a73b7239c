"""The command `academy`: every command in one place, each a line or two onto the code that does it."""

import importlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from infra.cli import run as local_run
from infra.cli import status as local_status
from infra.cli.audit import audit
from infra.cli.dead import dead_app
from infra.cli.erase import erase
from infra.cli.groups import groups_app
from infra.cli.keys import keys_app
from infra.cli.options import AsJson, Assumptions, LeadId
from infra.cli.policy import policy_app
from infra.cli.screen import told
from infra.cli.simulate import simulate
from infra.cli.state import state_app
from infra.cli.topics import db_app, topics_app
from infra.cli.views import views_app
from infra.local.settings import LocalSettings

app = typer.Typer(
    name="academy",
    help="Next best action for youth sports academies: every decision exact and auditable.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(topics_app, name="topics")
app.add_typer(db_app, name="db")
app.add_typer(policy_app, name="policy")
app.add_typer(dead_app, name="dead")
app.add_typer(groups_app, name="groups")
app.add_typer(state_app, name="state")
app.add_typer(keys_app, name="keys")
app.add_typer(views_app, name="views")
app.command()(simulate)
app.command()(audit)
app.command()(erase)


@app.callback()
def begin(context: typer.Context) -> None:
    """Keep the Kafka client's remarks out of a person's terminal; a service logs them."""
    if context.invoked_subcommand != "service":
        logging.getLogger("kafka").setLevel(logging.CRITICAL)


class ServiceName(StrEnum):
    """What `academy service` can run."""

    INGEST = "ingest"
    INBOX = "inbox"
    EXTRACTOR = "extractor"
    DECIDER = "decider"
    LEARNER = "learner"
    PROJECTIONS = "projections"
    API = "api"
    WEB = "web"


@app.command()
def run(
    demo: Annotated[bool, typer.Option(help="Play invented families' history on an empty log.")] = True,
) -> None:
    """Start the whole local system in the foreground; Ctrl-C stops it."""
    from infra.cli.local import Local

    with told():
        settings = LocalSettings()
        raise typer.Exit(local_run.run(settings, Local(settings, demo=demo).plan()))


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say what runs here, where, and how far behind it is."""
    raise typer.Exit(local_status.show(LocalSettings(), as_json=as_json))


@app.command()
def stop() -> None:
    """Stop the local system that runs on this data folder."""
    raise typer.Exit(local_run.stop(LocalSettings()))


@app.command()
def clean() -> None:
    """Remove everything that the local system keeps; refused while it runs."""
    raise typer.Exit(local_run.clean(LocalSettings()))


@app.command()
def service(name: ServiceName) -> None:
    """Run one service in the foreground."""
    with told():
        _main_of(name)()


@app.command()
def show(
    decision_id: str,
    as_json: AsJson = False,
    prefix: Annotated[str | None, typer.Option(help="Topic prefix; absent: the settings'.")] = None,
) -> None:
    """Print one decision: every action with its verdict, score and probability, the brief, and why."""
    from infra.cli.show import show_decision

    with told():
        raise typer.Exit(show_decision(LocalSettings(), decision_id, prefix, as_json=as_json))


@app.command()
def explain(lead: LeadId, assumed: Assumptions = None, as_json: AsJson = False) -> None:
    """Say what would be decided for a household if it stood otherwise; nothing is written."""
    from infra.cli.explain import explain_lead

    with told():
        raise typer.Exit(explain_lead(LocalSettings(), lead, assumed or (), as_json=as_json))


@app.command()
def plan(lead: LeadId, as_json: AsJson = False) -> None:
    """Say what is likely to be done for a household over the next steps, each decided when its time comes."""
    from infra.cli.plan import plan_lead

    with told():
        raise typer.Exit(plan_lead(LocalSettings(), lead, as_json=as_json))


@app.command()
def replay(
    decision_id: Annotated[
        str | None, typer.Argument(help="One decision; its household is decided again.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every decision of every household.")] = False,
    as_json: AsJson = False,
    prefix: Annotated[str | None, typer.Option(help="Topic prefix; absent: the settings'.")] = None,
) -> None:
    """Decide again from the record topics alone and compare byte for byte; exit 1 where something differs."""
    from infra.cli.replay import replay_log

    if (decision_id is None) != everything:
        raise typer.BadParameter("name one decision, or give --all", param_hint="DECISION_ID")
    with told():
        raise typer.Exit(replay_log(LocalSettings(), decision_id, prefix, as_json=as_json))


@app.command()
def check(
    as_json: AsJson = False,
    prefix: Annotated[str | None, typer.Option(help="Topic prefix; absent: the settings'.")] = None,
) -> None:
    """Say whether the invariants hold over everything written down; exit 1 and a list where one does not."""
    from infra.cli.check import check_invariants

    with told():
        raise typer.Exit(check_invariants(LocalSettings(), prefix, as_json=as_json))


@app.command()
def costs(
    by: Annotated[
        str | None,
        typer.Option(
            metavar="day,model,channel",
            help="What is told apart: any of them, in any order; absent: day and model, months beyond 14 days.",
        ),
    ] = None,
    as_json: AsJson = False,
    prefix: Annotated[str | None, typer.Option(help="Topic prefix; absent: the settings'.")] = None,
) -> None:
    """Say what reading has cost: calls, tokens, dollars, and for a thousand interactions; from the log alone."""
    from extractor.costs import DIMENSIONS
    from infra.cli.costs import show_costs

    names = None if by is None else by.split(",")
    if unknown := [name for name in names or () if name not in DIMENSIONS]:
        raise typer.BadParameter(f"{unknown[0]!r} is none of {', '.join(DIMENSIONS)}", param_hint="--by")
    with told():
        raise typer.Exit(show_costs(LocalSettings(), names, prefix, as_json=as_json))


@app.command()
def demo(
    until: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="When the story ends, in UTC; absent: now."
        ),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave topics and views under `demo-`.")] = False,
    as_json: AsJson = False,
) -> None:
    """Play sixty days of invented families under a prefix of their own, and say what came of it."""
    from infra.cli.demo import demo as play

    with told():
        at = None if until is None else until.replace(tzinfo=UTC)
        if at is not None and at > datetime.now(UTC):
            raise typer.BadParameter("a history ends by now: name a day that is over", param_hint="--until")
        raise typer.Exit(play(LocalSettings(), at, keep=keep, as_json=as_json))


def _main_of(name: ServiceName) -> Callable[[], None]:
    """Each service is imported only where it runs."""
    module = {
        ServiceName.INGEST: "ingest.service",
        ServiceName.INBOX: "ingest.inbox",
        ServiceName.API: "projections.api.app",
        ServiceName.WEB: "infra.local.web",
    }.get(name, f"{name}.service")
    found: Callable[[], None] = importlib.import_module(module).main
    return found


def main() -> None:
    """Entry point."""
    app()


if __name__ == "__main__":
    main()
