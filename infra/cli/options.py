"""Options that are written as types, so that a command fits on a few lines."""

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
LeadId = Annotated[str, typer.Option("--lead", help="The household, by its id.")]
Assumptions = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="NAME=VALUE", help="What is assumed, such as status=trial; may be repeated."
    ),
]
