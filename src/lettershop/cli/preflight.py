"""`lettershop preflight rules`: what has to hold before a campaign leaves."""

from typing import Annotated

import typer
from rich.text import Text

from lettershop.campaigns.preflight import rule, rules
from lettershop.cli.options import JsonOption
from lettershop.cli.output import print_json, show, table

app = typer.Typer(no_args_is_help=True, help="What has to hold before a campaign leaves.")


@app.callback()
def preflight() -> None:
    """Its rules; `lettershop campaign check` asks them of a campaign."""


@app.command("rules")
def rules_(
    name: Annotated[
        str, typer.Argument(metavar="[RULE]", help="One of them, with source and fix: MSG-3.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """List the rules, or tell all of one.

    Examples:

        lettershop preflight rules

        lettershop preflight rules MSG-3
    """
    found = [rule(name.upper())] if name else [*rules().values()]
    if as_json:
        print_json({"items": found})
        return
    if name:
        for one in found:
            show(Text.assemble((one.id, "bold"), f"  {one.level}  {one.title}"))
            show(Text(f"  {one.sentence}"))
            show(Text.assemble(("  try: ", "green"), one.fix, (f" ({one.source})", "dim")))
        return
    made = table("rule", "level", "title", "what has to hold")
    for one in found:
        made.add_row(one.id, one.level, one.title, one.sentence)
    show(made)
