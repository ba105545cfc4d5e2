"""`lettershop backup`, `restore` and `rebuild`: for the operator who must sleep at night."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from lettershop import __version__
from lettershop.app.backup import Tell, restore as restore_backup
from lettershop.app.rebuild import Counts, rebuild as rebuild_facts
from lettershop.app.restored import hold_back
from lettershop.app.workspace import Workspace
from lettershop.cli.doors import opened
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import console, hint, number, print_json, show, table


def backup(
    target: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Where to write it; default: data/backups/."),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write one file that holds the whole workspace, also while the server runs.

    It holds secrets: keep it as you keep passwords.

    Examples:

        lettershop backup

        lettershop backup /mnt/safe/tonight.tar --json
    """
    with opened(workspace, as_json=as_json, say_age=False) as (shop, _):
        made = shop.backup(target.resolve() if target else None, __version__)
    if as_json:
        print_json(made)
        return
    show(f"{made.path}  ({number(made.files)} files, {made.size / 1e6:,.1f} MB)")
    if made.records == "postgresql":
        hint("the records of PostgreSQL are inside, as an SQLite file")


def restore(
    archive: Annotated[Path, typer.Argument(metavar="FILE", help="A file made by backup.")],
    folder: Annotated[Path, typer.Argument(metavar="PATH", help="A new or empty folder.")],
    as_json: JsonOption = False,
) -> None:
    """Unpack a backup into a new folder, every file compared with its checksum.

    Campaigns that were approved or being sent wait for another yes.

    Examples:

        lettershop restore data/backups/lettershop-2026-11-22T10-15-00Z.tar restored
    """
    with bar(shown=not as_json) as tell:
        manifest = restore_backup(archive, folder.resolve(), tell)
    held = hold_back(folder.resolve(), manifest.made_at)
    if as_json:
        of = {"path": str(folder), "made_at": manifest.made_at, "records": manifest.origin}
        print_json(of | {"held_back": held})
        return
    show(f"{folder} is the workspace as of {manifest.made_at}")
    hint(f"look at it: lettershop segment list --workspace {folder}")
    if held.campaigns or held.sends:
        said = f"{number(held.campaigns)} campaigns and {number(held.sends)} sends are held back"
        show(f"{said}: what left since the backup would leave a second time.")
        hint("look, then resume or abort each: lettershop campaign list, lettershop send status")
    if manifest.records == "postgresql":  # of a version that left them out
        hint("the records were in PostgreSQL and are not inside: restore them with pg_restore")
    if manifest.origin == "postgresql":
        hint("the records were in PostgreSQL and are in SQLite here: lettershop records move")
    if os.environ.get("LETTERSHOP_RECORDS"):
        hint("LETTERSHOP_RECORDS is set and would win: unset it before you look at this workspace")


def rebuild(
    without_missing: Annotated[
        bool,
        typer.Option("--without-missing", help="Go on although some imports were not kept."),
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the facts again from the raw log, kept imports and calls; the old database is kept.

    The server must be stopped. The new database takes the old one's place when it is complete.

    Examples:

        lettershop rebuild
    """
    folder = Workspace.find(workspace or Path())
    with bar(shown=not as_json) as tell:
        report = rebuild_facts(folder, tell, without_missing=without_missing)
    if as_json:
        print_json(report)
        return
    made = table("", "before", "after", right=("before", "after"))
    for name in Counts.__struct_fields__:
        before = getattr(report.before, name) if report.before else None
        made.add_row(name, number(before), number(getattr(report.after, name)))
    show(made)
    hint(
        f"from {number(report.requests)} requests, {number(report.files)} files and"
        f" {number(report.calls)} calls"
    )
    if report.old:
        hint(f"the database from before is {report.old}: remove it when all is well")


@contextmanager
def bar(*, shown: bool) -> Iterator[Tell]:
    err = console(stderr=True)
    if not (shown and err.is_terminal):
        yield lambda what, done, total: None
        return
    columns = (TextColumn("{task.description:<40}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as shows:
        task = shows.add_task("", total=None)
        yield lambda what, done, total: shows.update(
            task, description=what[-40:], completed=done, total=total
        )
