"""`lettershop records …`: where users, campaigns and the ledger are kept."""

from pathlib import Path
from typing import Annotated

import typer

from lettershop.app.moving.move import Moved, move as move_records
from lettershop.app.workspace import Workspace
from lettershop.cli.operations import bar
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, number, print_json, show, table

app = typer.Typer(no_args_is_help=True, help="The operational records: SQLite, or PostgreSQL.")
SQLITE = "sqlite"


@app.callback()
def group() -> None:
    """Makes typer take it for a group although it has one command."""


@app.command()
def move(
    to: Annotated[
        str,
        typer.Option("--to", metavar="ADDRESS", help="postgresql://user@host/name, or sqlite."),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only look: what would be copied, and whether it can.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Throw away what is in the target.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy all records to another database, compare both, and use the new one from then on.

    Server, senders and other commands must be stopped, on every machine. Until all of it has been
    read back and found equal nothing changes; broken off, it can simply be run again. An address
    with a password is not written to lettershop.toml: the environment says it then.

    Examples:

        lettershop records move --to postgresql://lettershop@db.example.com/shop --dry-run

        lettershop records move --to postgresql://lettershop@db.example.com/shop

        lettershop records move --to sqlite
    """
    folder = Workspace.find(workspace or Path())
    with bar(shown=not as_json) as tell:
        address = "" if to == SQLITE else to
        made = move_records(folder, address, tell, replace=replace, dry_run=dry_run)
    if as_json:
        print_json(made)
    else:
        _view(made)


def _view(made: Moved) -> None:
    rows = table("table", "rows", "checksum", right=("rows",))
    for one in made.tables:
        if one.rows:
            rows.add_row(one.table, number(one.rows), one.checksum[:16] or "–")
    show(rows)
    total = number(sum(one.rows for one in made.tables))
    if made.said is None:
        show(f"{total} rows would be copied from {made.origin} to {made.target}")
        return
    show(f"{total} rows are in {made.target}, read back and compared")
    if made.broken is None:
        show(f"the audit trail is one chain of {number(made.entries)} entries, as before")
    else:
        show(f"the audit trail is broken at entry {made.broken}, as it was before")
    if made.say:
        hint(f"now say it in the environment of everything that runs: {made.say}")
    if made.old:
        hint(f"the records from before are {made.old}: remove them when all is well")
