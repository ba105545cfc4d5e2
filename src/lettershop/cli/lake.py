"""`lettershop lake …`: the facts as Parquet, for other engines and other machines."""

from pathlib import Path
from typing import Annotated

import typer

from lettershop.app.lake import SnapshotSaid, import_lake
from lettershop.app.workspace import Workspace
from lettershop.cli.doors import opened
from lettershop.cli.operations import bar
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, number, print_json, show, table

app = typer.Typer(no_args_is_help=True, help="The facts as Parquet, for Spark and other readers.")

ToOption = Annotated[
    str,
    typer.Option(
        "--to", metavar="ADDRESS", help="A folder or s3://bucket/folder; default: the setting lake."
    ),
]
AtOption = Annotated[
    str,
    typer.Option("--at", metavar="ADDRESS", help="Of another lake than that of the settings."),
]


@app.command("export")
def export_(
    to: ToOption = "",
    anew: Annotated[
        bool, typer.Option("--anew", help="Write all files again, not only what changed.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a snapshot of the facts: what changed since the newest one, and a manifest.

    Readers see the snapshot before until the new one is complete. Works beside a running server.

    Examples:

        lettershop lake export

        lettershop lake export --to s3://acme-facts/lake --json
    """
    with (
        opened(workspace, as_json=as_json, say_age=False) as (shop, _),
        bar(shown=not as_json) as tell,
    ):
        done = shop.lake_export(_address(to), tell, anew=anew)
    if as_json:
        print_json(done)
        return
    if not done.changed:
        show(f"{done.address}: snapshot {number(done.snapshot)} is current, nothing was written")
        return
    show(f"{done.address}: snapshot {number(done.snapshot)}, {number(done.rows)} rows")
    hint(
        f"{number(done.new_parts)} of {number(done.parts)} files are new,"
        f" {_megabytes(done.written)}, in {done.seconds:,.1f} s"
    )


@app.command("import")
def import_(
    address: Annotated[
        str,
        typer.Argument(metavar="[ADDRESS]", help="Where the lake is; default: the setting lake."),
    ] = "",
    snapshot: Annotated[
        int | None, typer.Option(metavar="N", help="An earlier one than the newest.", min=1)
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Although there are facts; they are kept aside.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take the facts of a lake over into this workspace, everything checked as it is read.

    The server must be stopped. Definitions, campaigns and users are not in a lake.

    Examples:

        lettershop lake import s3://acme-facts/lake --workspace standby

        lettershop lake import --snapshot 17 --replace
    """
    folder = Workspace.find(workspace or Path())
    with bar(shown=not as_json) as tell:
        done = import_lake(folder, _address(address), snapshot, tell, replace=replace)
    if as_json:
        print_json(done)
        return
    found = done.counts
    show(
        f"snapshot {number(done.snapshot)} of {done.made_at}: {number(found.contacts)} contacts,"
        f" {number(found.accounts)} accounts, {number(found.events)} events"
    )
    if done.old:
        hint(f"the database from before is {done.old}: remove it when all is well")


@app.command()
def status(
    at: AtOption = "", workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """List the snapshots of the lake, and say how far it is behind the facts.

    Examples:

        lettershop lake status
    """
    with opened(workspace, as_json=as_json, say_age=False) as (shop, _):
        found = shop.lake_status(_address(at))
    if as_json:
        print_json(found)
        return
    right = ("snapshot", "request", "rows", "files", "size")
    made = table("snapshot", "made", "request", "facts until", "rows", "files", "size", right=right)
    for one in found.snapshots:
        made.add_row(*_cells(one))
    show(made)
    behind = f"{number(found.behind)} requests behind the facts" if found.behind else "up to date"
    hint(f"{found.address}: {_megabytes(found.bytes)} in all, {behind}")


@app.command()
def vacuum(
    at: AtOption = "", workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Remove snapshots older than an hour but the last ten, and files that no snapshot names.

    A running server does so by itself.

    Examples:

        lettershop lake vacuum
    """
    with opened(workspace, as_json=as_json, say_age=False) as (shop, _):
        done = shop.lake_vacuum(_address(at))
    if as_json:
        print_json(done)
        return
    show(f"{number(done.outdated)} outdated and {number(done.lost)} lost files were removed")


def _cells(one: SnapshotSaid) -> tuple[str, ...]:
    return (
        number(one.snapshot),
        one.made_at,
        number(one.seq),
        one.visible,
        number(one.rows),
        number(one.parts),
        _megabytes(one.bytes),
    )


def _address(said: str) -> str:
    """A folder is meant as seen from here, whoever answers."""
    return str(Path(said).resolve()) if said and "://" not in said else said


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
