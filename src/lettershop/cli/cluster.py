"""`lettershop cluster`: who is there, who leads, how far log and lake are."""

import os
from pathlib import Path

import msgspec

from lettershop.app import records
from lettershop.app.cluster.status import ClusterState, state
from lettershop.app.lake import lake_set
from lettershop.app.settings import read_settings
from lettershop.app.workspace import Workspace
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, number, print_json, show, table
from lettershop.cluster.leading import needs_postgresql
from lettershop.cluster.processes import Seen
from lettershop.model.clock import SystemClock


def cluster(as_json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Show the processes of a cluster, which one leads, and how far shared log and lake are.

    Asks the records on PostgreSQL alone, so it answers from any machine and while nobody leads.

    Examples:

        lettershop cluster

        lettershop cluster --json --workspace /srv/myshop
    """
    folder = Workspace.find(workspace or Path())
    settings = read_settings(folder, os.environ)
    records.connect(folder, settings)
    try:
        needs_postgresql("lettershop cluster")
        records.migrate()
        lake = lake_set(folder, settings)
        found = state(lake, SystemClock().now())
    finally:
        records.disconnect()
    if as_json:
        print_json(msgspec.to_builtins(found))
    else:
        _show(found)


def _show(found: ClusterState) -> None:
    listed = table("process", "machine", "pid", "address", "version", "is")
    for one in found.processes:
        listed.add_row(one.kind, one.host, str(one.pid), one.address, one.version, _is(one))
    show(listed)
    log = found.log
    if log.open:
        show(
            f"shared log: {number(log.waiting)} requests wait to become facts"
            f" ({log.waiting_bytes / 1e6:,.1f} MB), {number(log.kept)} are kept"
        )
    else:
        show("shared log: no loader has opened it yet")
    if found.lake is not None:
        lake = found.lake
        show(
            f"lake: snapshot {lake.snapshot}, {number(lake.age)} s old,"
            f" {number(lake.behind)} requests behind the facts"
        )
    for problem in found.problems:
        hint(problem)


def _is(one: Seen) -> str:
    if not one.alive:
        return f"gone for {one.silent:,.0f} s"
    if one.leads:
        return "leading"
    return "standing by" if one.kind == "loader" else "there"
