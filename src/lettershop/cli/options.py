"""Options of many commands."""

from pathlib import Path
from typing import Annotated

import typer

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        metavar="PATH",
        envvar="LETTERSHOP_WORKSPACE",
        help="The workspace folder; otherwise the current one or the nearest above it.",
    ),
]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", metavar="TIME", help="Answer as at 2010-12-01T00:00Z; default: now."),
]
SparkOption = Annotated[
    str | None,
    typer.Option(
        "--spark",
        metavar="ADDRESS",
        help="Which Spark: local[2], spark://HOST:7077 or sc://HOST:15002; default: the setting.",
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on stdout and nothing else.")
]
HostOption = Annotated[
    str, typer.Option("--host", help="The address to listen on; default: the setting host.")
]
PortOption = Annotated[
    int | None,
    typer.Option(
        "--port", min=0, max=65535, help="The port; 0 for any. Default: the setting port."
    ),
]
LogLevelOption = Annotated[
    str, typer.Option("--log-level", metavar="LEVEL", help="debug, info, warning or error.")
]
