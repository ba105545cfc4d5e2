"""`lettershop worker`: the sender processes of one machine among several."""

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from lettershop.app import records
from lettershop.app.fleet.deployed import Compared, compare
from lettershop.app.fleet.worker import Worker, different, worker_settings
from lettershop.app.logs import configure_logs
from lettershop.app.workspace import Workspace
from lettershop.cli.endings import Failed
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, print_json, show, table

DIFFERENT = 3


def worker(
    senders: Annotated[
        int,
        typer.Option(min=0, help="Sender processes; default: the setting senders, or the cores."),
    ] = 0,
    check: Annotated[
        bool, typer.Option("--check", help="Only compare this machine with what is registered.")
    ] = False,
    log_level: Annotated[
        str, typer.Option(metavar="LEVEL", help="debug, info, warning or error.")
    ] = "info",
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Send letters from this machine until told to stop; the facts are on another one.

    Needs records on PostgreSQL, and the files that letters hang on: consent.toml, providers.toml
    where there is one, data/secret.key and data/dkim/, all as the owner of the facts has them.

    Examples:

        lettershop worker

        lettershop worker --senders 4 --workspace /srv/myshop

        lettershop worker --check --json
    """
    folder = Workspace.find(workspace or Path())
    if not check:
        configure_logs(log_level)
    settings = worker_settings(folder, senders)
    records.connect(folder, settings)
    try:
        if check:
            _check([] if records.pending() else compare(folder, settings), as_json=as_json)
        else:
            Worker(folder, settings).run(_stopping())
    finally:
        records.disconnect()


def _stopping() -> threading.Event:
    """Set by SIGTERM and Ctrl-C."""
    event = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda number, frame: event.set())
    return event


def _check(found: list[Compared], *, as_json: bool) -> None:
    if as_json:
        print_json({"registered": bool(found), "compared": found})
    elif not found:
        hint("no owner of the facts has registered anything yet: start `lettershop loader`")
    else:
        listed = table("what", "this machine")
        for one in found:
            listed.add_row(one.name, "equal" if one.equal else "different")
        show(listed)
    if different(found) or not found:
        raise Failed(DIFFERENT)
