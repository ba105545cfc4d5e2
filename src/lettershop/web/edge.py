"""`lettershop web`: collector and public pages in a process without facts; the rest is handed to
the process that leads."""

from pathlib import Path
from typing import Any, Final

import structlog
import typer
from django.conf import settings as django_settings
from django.core.handlers.asgi import ASGIHandler

from lettershop import __version__
from lettershop.access.tokens import find_token
from lettershop.app import records
from lettershop.app.cluster.edge import Edge
from lettershop.app.cluster.guide import address_of
from lettershop.app.cluster.token import cluster_token
from lettershop.app.logs import configure_logs
from lettershop.app.workspace import Workspace
from lettershop.cluster.leading import name_sessions, needs_postgresql
from lettershop.cluster.processes import Heartbeat
from lettershop.model.clock import SystemClock
from lettershop.web.bounded import Bounded
from lettershop.web.collector.app import Collector
from lettershop.web.front import Front
from lettershop.web.handing import HandOver
from lettershop.web.health import Health
from lettershop.web.opened import collected
from lettershop.web.public.addresses import BEGINNINGS
from lettershop.web.public.opening import open_public
from lettershop.web.public.parties import set_public
from lettershop.web.serve import bind, prepared, settings_asked, url_of

URLS: Final = "lettershop.web.public.addresses"
log = structlog.get_logger("lettershop.web")


def serve_edge(
    workspace: Path, host: str | None = None, port: int | None = None, log_level: str = "info"
) -> bool:
    """Serve until SIGTERM or Ctrl-C; True. `host` and `port` win over the settings.

    Raises what `records.connect` raises, InputError `cluster.records`, UsageError
    `server.address`."""
    configure_logs(log_level)
    folder = Workspace.find(workspace)
    settings = settings_asked(folder, host, port)
    records.connect(folder, settings)
    needs_postgresql("lettershop web")
    records.migrate()
    django_settings.ROOT_URLCONF = URLS
    listening = bind(settings.host, settings.port)
    address = address_of(settings, listening.getsockname()[1])
    beat = Heartbeat("web", __version__, address=address)
    name_sessions(beat.process)
    edge = Edge(folder, settings, SystemClock())
    serving = prepared(_front(edge), lambda: _greet(url_of(listening)))
    try:
        with beat:
            edge.start()
            serving.run(sockets=[listening])
    finally:
        log.info("web.stopping")
        edge.stop()
        log.info("web.stopped")
    return True


def _front(edge: Edge) -> Front:
    set_public(open_public(edge.data, edge.compliance, edge.emit, edge.targets, edge.clock))
    collector = Collector(edge.log, edge.keys, edge.clock, edge.settings)
    edge.vitals.add(lambda: collected(collector))
    pages: Any = Bounded(HandOver(lambda: edge.guide.leader, cluster_token(edge.data)), find_token)
    health = Health(edge.vitals, find_token)
    own = (BEGINNINGS, Bounded(ASGIHandler(), find_token))
    return Front(collector=collector, health=health, pages=pages, own=own)


def _greet(url: str) -> None:
    typer.echo(f"Lettershop web listens on {url}  (Ctrl-C stops it)")
