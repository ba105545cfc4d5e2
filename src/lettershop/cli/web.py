"""`lettershop web`: a process that takes events and answers recipients, without facts."""

from typing import Annotated

import typer

from lettershop.cli.options import WorkspaceOption
from lettershop.cli.program import become


def web(
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
    """Take events and answer recipients on as many machines as you like.

    Clicks, unsubscribes and tracking calls need nobody else but PostgreSQL; pages and the API are
    handed to the loader that leads.

    Examples:

        lettershop web

        lettershop web --host 0.0.0.0 --port 80 --workspace /srv/myshop
    """
    become("web", workspace, host=host, port=port, log_level=log_level)
