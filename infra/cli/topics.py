"""`academy topics` and `academy db`: what the broker and the database must have, as code."""

from typing import Any

import typer
from rich.console import Console

from infra.cli.options import AsJson
from infra.cli.screen import print_data, told
from infra.local.settings import LocalSettings

topics_app = typer.Typer(help="Topics as code, from schemas/topics.py.", no_args_is_help=True)
db_app = typer.Typer(help="The Postgres schema of the views.", no_args_is_help=True)


@topics_app.command("plan")
def topics_plan(as_json: AsJson = False) -> None:
    """Say what `apply` would change."""
    _print_differences("plan", as_json=as_json)


@topics_app.command("apply")
def topics_apply(as_json: AsJson = False) -> None:
    """Create missing topics and correct settings; never shrinks or deletes, and writes the first configuration."""
    _print_differences("apply", as_json=as_json)


@topics_app.command("check")
def topics_check(as_json: AsJson = False) -> None:
    """Exit 1 if a topic is not what the catalogue says."""
    raise typer.Exit(1 if _print_differences("plan", as_json=as_json) else 0)


@db_app.command("migrate")
def db_migrate() -> None:
    """Bring the schema to the newest version."""
    from infra.cli.connect import connected
    from projections.migrate import upgrade

    with told():
        settings = connected(LocalSettings())
        assert settings.postgres is not None  # noqa: S101 - `connected` says so
        upgrade(settings.postgres.get_secret_value(), settings.schema_name)
        Console().print(f"schema {settings.schema_name} is at its newest version")


def _print_differences(what: str, *, as_json: bool) -> list[Any]:
    from infra import topics
    from infra.cli.connect import connected
    from infra.configuration import configure
    from runtime.checks import await_kafka

    with told():
        settings = connected(LocalSettings())
        admin = await_kafka(settings)
        found = topics.apply(settings, admin) if what == "apply" else topics.plan(settings, admin)
        if what == "apply":
            configure(settings)
        if as_json:
            print_data([str(difference) for difference in found])
        else:
            for difference in found:
                Console().print(str(difference), highlight=False)
            Console().print(f"{len(found)} differences" + (" mended" if what == "apply" and found else ""))
        return found
