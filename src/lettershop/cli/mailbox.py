"""`lettershop mailbox`: a mail server of our own to send to."""

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from lettershop.app.workspace import DATABASE, Workspace
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, print_json, show
from lettershop.delivery.mailbox.answers import USUAL, told
from lettershop.delivery.mailbox.running import running_mailbox
from lettershop.delivery.mailbox.transport import FILE
from lettershop.model.errors import WorkspaceError


def mailbox(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where letters are taken; 0 for any free port.")
    ] = 2525,
    page_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where they are read; 0 for any free port.")
    ] = 8025,
    bounce: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="Refuse these addresses (550), as *@acme.example."),
    ] = None,
    defer: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="Put these addresses off (451), again and again."),
    ] = None,
    memory: Annotated[
        bool, typer.Option("--memory", help="Keep nothing when it ends; write no file.")
    ] = False,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    open_to_all: Annotated[
        bool,
        typer.Option("--open-to-all", help="Listen where others reach it, who need no password."),
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a mail server that keeps what it gets and brings nothing to anybody, until Ctrl-C.

    Letters are kept in data/mailbox.sqlite of the workspace, or in memory where there is none.
    Addresses such as bounce+1@…, defer+1@… and full+1@… are refused, to try that out.

    Examples:

        lettershop mailbox

        lettershop mailbox --bounce "*@acme.example" --memory
    """
    answers = [told("bounce", one) for one in bounce or ()]
    answers += [told("defer", one) for one in defer or ()]
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    path = None if memory else _path(workspace)
    with running_mailbox(
        path,
        host=host,
        smtp_port=port,
        page_port=page_port,
        answers=(*answers, *USUAL),
        open_to_all=open_to_all,
    ) as running:
        if as_json:
            print_json({"smtp": running.smtp, "page": running.page, "file": str(path or "")})
        else:
            show(Text.assemble("to send:  smtp = ", (f'"{running.smtp}"', "bold")))
            show(Text.assemble("to read:  ", (running.page, "bold")))
            hint("kept in " + (str(path) if path else "memory") + "; Ctrl-C ends it")
        while not stop.wait(1):
            pass


def _path(workspace: Path | None) -> Path | None:
    """The file in the workspace; None where there is no workspace and none was named."""
    try:
        return Workspace.find(workspace or Path()) / DATABASE.parent / FILE
    except WorkspaceError:
        if workspace is not None:
            raise
        return None
