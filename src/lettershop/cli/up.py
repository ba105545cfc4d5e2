"""`lettershop up`: the server takes this process over."""

from lettershop.cli.options import HostOption, LogLevelOption, PortOption, WorkspaceOption
from lettershop.cli.program import become


def up(
    host: HostOption = "",
    port: PortOption = None,
    log_level: LogLevelOption = "info",
    workspace: WorkspaceOption = None,
) -> None:
    """Start the server: collector, API and pages on one port, until Ctrl-C.

    Commands in the same workspace find the server and ask it.

    Examples:

        lettershop up

        lettershop up --host 0.0.0.0 --port 80 --workspace myshop
    """
    become("up", workspace, host=host, port=port, log_level=log_level)
