"""`lettershop audit …`: who changed what, and that nobody changed that."""

from typing import Annotated

import typer

from lettershop.access.audit import verify as verified
from lettershop.cli.endings import Failed
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, number, print_json, show
from lettershop.cli.records import opened_records

app = typer.Typer(no_args_is_help=True, help="The audit trail: a chain that shows changes.")


@app.command()
def verify(
    head: Annotated[
        str, typer.Option(metavar="HASH", help="A head noted before, which must be in the chain.")
    ] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compute the hash chain of the audit trail anew; exit code 1 when somebody changed it.

    Note the head it prints somewhere else: without it a cut-off end does not show.

    Examples:

        lettershop audit verify
    """
    with opened_records(workspace):
        found = verified(head)
    if as_json:
        print_json(found)
    elif found.broken is not None:
        show(f"broken: entry {found.broken} was changed, or one before it was removed")
    elif found.known is False:
        show("broken: that head is not in the chain; the end was cut off, or all written anew")
    else:
        show(f"{number(found.entries)} entries, one chain; head {found.head or '–'}")
        hint("note the head elsewhere, and give it with --head next time")
    if found.broken is not None or found.known is False:
        raise Failed(1)
