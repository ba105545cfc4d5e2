"""`lettershop web`: a process that takes events and answers recipients, without facts."""

from lettershop.cli.options import HostOption, LogLevelOption, PortOption, WorkspaceOption
from lettershop.cli.program import become


def web(
    host: HostOption = "",
    port: PortOption = None,
    log_level: LogLevelOption = "info",
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
