"""`lettershop sender`: one sender process."""

from pathlib import Path
from typing import Annotated

import typer

from lettershop.app.logs import configure_logs
from lettershop.app.sending.process import send_out
from lettershop.app.workspace import Workspace
from lettershop.cli.endings import Failed
from lettershop.cli.options import WorkspaceOption


def sender(
    log_level: Annotated[
        str, typer.Option(metavar="LEVEL", help="debug, info, warning or error.")
    ] = "info",
    workspace: WorkspaceOption = None,
) -> None:
    """Hand letters over to mail servers until told to stop. `lettershop up` runs these by itself.

    Run more on other machines when the records are in PostgreSQL; they need the same workspace
    folder, with `data/secret.key` and `data/dkim/`.

    Examples:

        lettershop sender

        lettershop sender --workspace myshop --log-level warning
    """
    folder = Workspace.find(workspace or Path())
    configure_logs(log_level)
    code = send_out(folder)
    if code:
        raise Failed(code)
