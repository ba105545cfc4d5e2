"""`lettershop loader`: the process that owns the facts, or stands by to."""

from typing import Annotated

import typer

from lettershop.cli.options import WorkspaceOption
from lettershop.cli.program import become


def loader(
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
    """Own the facts of a cluster: one leads, others stand by and take over within seconds.

    Everything `lettershop up` does but for taking letters to mail servers. Needs the records on
    PostgreSQL; with the setting lake any machine can take over, without it the same one only.

    Examples:

        lettershop loader

        lettershop loader --host 0.0.0.0 --workspace /srv/myshop
    """
    become("loader", workspace, host=host, port=port, log_level=log_level)
