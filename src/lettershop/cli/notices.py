"""`lettershop returns notices`: what account managers should know."""

from typing import Annotated

import typer
from rich.text import Text

from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import print_json, show, table
from lettershop.cli.records import opened_records
from lettershop.delivery.returns.noticeboard import notices as found_notices


def notices(
    owner: Annotated[
        str, typer.Option("--owner", metavar="KEY", help="Only of this account manager.")
    ] = "",
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=1_000, help="How many of the newest to show.")
    ] = 50,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what account managers should know: who answered, complained, or cannot be reached.

    Examples:

        lettershop returns notices

        lettershop returns notices --owner mara.lind@example.com --json
    """
    with opened_records(workspace):
        found = found_notices(owner, limit)
    if as_json:
        print_json({"items": found})
        return
    made = table("at", "for", "account", "who", "what", "said")
    for one in found:
        what = f"{one.kind}: {one.why}"
        cells = (one.at[:16], one.owner or "nobody", one.account, one.address, what, one.said)
        made.add_row(*map(Text, cells))
    show(made)
