"""`academy policy`: the parameters in force, the snapshots, and how another one comes into force (P1, P4)."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from infra.cli.options import AsJson
from infra.cli.screen import print_data, screen, told
from infra.local.settings import LocalSettings

policy_app = typer.Typer(help="What decides: parameters, experiments and snapshots.", no_args_is_help=True)

File = Annotated[Path | None, typer.Argument(help="Parameters to change, as TOML; the others stay.")]
Rules = Annotated[Path | None, typer.Option(help="Another rule engine, a file like domain/rules.toml.")]
Rewards = Annotated[Path | None, typer.Option(help="Other rewards, a file like domain/rewards.toml.")]


@policy_app.command("show")
def show(as_json: AsJson = False) -> None:
    """Print the parameters in force."""
    import msgspec

    from infra import policies

    with told():
        parameters = policies.in_force(policies.read(_broker()))
        plain = msgspec.to_builtins(parameters)
        if as_json:
            print_data(plain)
            return
        rules, rewards = plain.pop("rules"), plain.pop("rewards")
        for name, value in plain.items():
            _line(name, value)
        _line("rules", f"{len(rules) or 'those of the release'}")
        _line("rewards", f"version {rewards['version']}, {len(rewards['pairs'])} steps")


@policy_app.command("list")
def list_snapshots(as_json: AsJson = False) -> None:
    """Print the snapshots, and which one decides."""
    from infra import policies

    with told():
        found = policies.read(_broker())
        champion = policies.in_force(found).champion
        rows = [
            {
                "version": version,
                "table_id": values.table_id,
                "table_version": values.version,
                "values": sum(1 for _row in values),
                "visits": sum(row.visits for _state, _action, row in values),
                "champion": version == champion,
            }
            for version, values in sorted(found.snapshots.items())
        ]
        if as_json:
            print_data(rows)
        elif rows:
            _print(rows)
        else:
            screen().print("no snapshot yet: `academy policy activate` takes one of what was learned so far")


@policy_app.command("activate")
def activate(
    version: Annotated[
        int | None, typer.Argument(help="A snapshot that there is; absent: a new one.")
    ] = None,
    live: Annotated[bool, typer.Option("--live", help="Back to the values as they are learned.")] = False,
    width: Annotated[
        float, typer.Option(min=0.0, help="What a new snapshot lowers a value by after one visit.")
    ] = 0.5,
    as_json: AsJson = False,
) -> None:
    """Let a snapshot decide, greedily and without a bonus; learning goes on beside it."""
    from infra import policies

    if live and version is not None:
        raise typer.BadParameter("name a version, or give --live", param_hint="VERSION")
    with told():
        at = _broker()
        if live:
            done = policies.change(at, policies.live)
        elif version is not None:
            done = policies.change(at, lambda parameters: policies.promoted(parameters, version))
        else:
            done = policies.take_and_activate(at, width)
        _say(done, as_json=as_json)


@policy_app.command("apply")
def apply(
    file: File = None,
    rules: Rules = None,
    rewards: Rewards = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and say; write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the next version of the parameters into force; decisions made so far keep theirs."""
    from infra import policies, policy_file

    readers = (
        (file, policy_file.with_file),
        (rules, policy_file.with_rules),
        (rewards, policy_file.with_rewards),
    )
    if not any(path for path, _reader in readers):
        raise typer.BadParameter("name a file, or give --rules or --rewards", param_hint="FILE")

    def to(parameters: Any) -> Any:
        for path, reader in readers:
            parameters = reader(parameters, path) if path else parameters
        return parameters

    with told():
        at = _broker()
        _say(policies.checked(at, to) if dry_run else policies.change(at, to), as_json=as_json)


def _broker() -> Any:
    from infra.cli.connect import connected
    from runtime.checks import await_kafka

    settings = connected(LocalSettings())
    await_kafka(settings)
    return settings


def _say(parameters: Any, *, as_json: bool) -> None:
    facts = {
        "parameters_version": parameters.version,
        "mode": parameters.mode,
        "policy_id": parameters.policy_id,
        "champion": parameters.champion,
        "experiment": parameters.experiment.id if parameters.experiment else None,
    }
    if as_json:
        print_data(facts)
    else:
        for name, value in facts.items():
            _line(name, value)


def _line(name: str, value: object) -> None:
    screen().print(f"{name:<24} {value}", markup=False, highlight=False, soft_wrap=True)


def _print(rows: list[dict[str, Any]]) -> None:
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    screen().print(table)
