"""`lettershop up`: the server takes this process over."""

from typing import Annotated

import typer

from lettershop.cli.options import WorkspaceOption
from lettershop.cli.program import become


def up(
    host: Annotated[
        str, typer.Option(help="The address to listen on; default: the setting host.")
    ] = "",
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="The port; 0 for any. Default: the setting port."),
    ] = None,
    log_level: Annotated[
        str, typer.Option(metavar="LEVEL", help="debug, info, warning or error.")
    ] = "info",
    workspace: WorkspaceOption = None,
) -> None:
    """Start the server: collector, API and pages on one port, until Ctrl-C.

    Commands in the same workspace find the server and ask it.

    Examples:

        lettershop up

        lettershop up --host 0.0.0.0 --port 80 --workspace myshop
    """
    become("up", workspace, host=host, port=port, log_level=log_level)
