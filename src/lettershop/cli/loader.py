"""`lettershop loader`: the process that owns the facts, or stands by to."""

from lettershop.cli.options import HostOption, LogLevelOption, PortOption, WorkspaceOption
from lettershop.cli.program import become


def loader(
    host: HostOption = "",
    port: PortOption = None,
    log_level: LogLevelOption = "info",
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
