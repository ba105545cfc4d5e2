"""`lettershop up`: the whole server in one process, and its sender processes."""

from pathlib import Path
from typing import Any

from lettershop.app.logs import configure_logs
from lettershop.app.server import Server
from lettershop.app.workspace import Workspace
from lettershop.web.leader import serve_leading
from lettershop.web.opened import serve_opened
from lettershop.web.serve import settings_asked

LEVELS = ("debug", "info", "warning", "error")


def serve(
    workspace: Path, host: str | None = None, port: int | None = None, log_level: str = "info"
) -> bool:
    """Serve the workspace until SIGTERM or Ctrl-C; `host` and `port` win over the settings. False
    when it ended because the engine is broken, and should be started again. With the records on
    PostgreSQL nobody else may lead: WorkspaceError `cluster.led`.

    Raises what `Server.open` raises, and UsageError `server.address`.
    """
    configure_logs(log_level)
    folder = Workspace.find(workspace)
    settings = settings_asked(folder, host, port)
    if settings.records:
        return serve_leading(folder, settings)
    said: dict[str, Any] = {"host": settings.host, "port": settings.port}
    return serve_opened(Server.open(folder, **said))
