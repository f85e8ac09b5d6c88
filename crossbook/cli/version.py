"""``crossbook version``: what runs here, exactly."""

from __future__ import annotations

from typing import Annotated

import typer

from crossbook.cli.ending import ending_plainly


@ending_plainly()
def version(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show the version of Crossbook, of Python, of the system, and of the PostgreSQL that comes with it.

    Example: crossbook version --json
    """
    from crossbook.cli.about import facts
    from crossbook.cli.plain import print_json, visible

    told = facts()
    if as_json:
        print_json(told)
        return
    for name, value in told.items():
        typer.echo(f"{name:<11} {visible(value) if value else 'not known'}")
