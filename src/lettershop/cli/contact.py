"""`lettershop contact …`: contacts that became one, and how to take that back."""

from typing import Annotated

import typer
from rich.text import Text

from lettershop.cli.doors import opened
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, number, print_json, show, table

app = typer.Typer(no_args_is_help=True, help="Who is who: contacts that became one.")


@app.command()
def merges(
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="At most so many.")] = 50,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List contacts that became one because something said so, the newest first.

    Examples:

        lettershop contact merges

        lettershop contact merges --limit 1000 --json
    """
    with opened(workspace, as_json=as_json, say_age=False) as (shop, _):
        found = shop.merges(limit)
    if as_json:
        print_json({"merges": found})
        return
    if not found:
        hint("no two contacts have become one")
        return
    made = table("merge", "heard of", "contact", "took in", "undone", right=("merge",))
    for merge in found:
        taken, undone = Text(", ".join(merge.identities)), merge.undone_at or ""
        made.add_row(number(merge.id), merge.at, Text(merge.contact), taken, undone)
    show(made)


@app.command()
def unmerge(
    merge: Annotated[int, typer.Argument(metavar="MERGE", help="Its number in the list.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make two contacts of one again, each with what was said of it; they are kept apart then.

    Examples:

        lettershop contact unmerge 7
    """
    with opened(workspace, as_json=as_json, say_age=False) as (shop, _):
        undone = shop.undo_merge(merge)
    if as_json:
        print_json(undone)
        return
    apart = ((undone.absorbed, "bold"), " and ", (undone.contact, "bold"))
    show(Text.assemble(*apart, " are two contacts again."))
