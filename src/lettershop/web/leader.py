"""A process that leads: `lettershop loader`, which stands by until it may and then serves as
`lettershop up` does, but for the sender processes; and `lettershop up` itself on PostgreSQL."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import typer
from django.db import DatabaseError

from lettershop import __version__
from lettershop.access.tokens import find_token
from lettershop.app import records
from lettershop.app.alone import Place
from lettershop.app.cluster.facts import prepare
from lettershop.app.cluster.fetching import fetcher
from lettershop.app.cluster.guide import address_of
from lettershop.app.cluster.owner import Owner, Single
from lettershop.app.cluster.waiting import Waiting, lead_now
from lettershop.app.lake import lake_set
from lettershop.app.logs import configure_logs
from lettershop.app.server import Server
from lettershop.app.vitals import Vital, Vitals
from lettershop.app.workspace import Workspace
from lettershop.cluster.leading import Leading, name_sessions, needs_postgresql
from lettershop.cluster.models import Kind, Process
from lettershop.cluster.processes import enter, leave
from lettershop.cluster.shared_log import is_open
from lettershop.model.errors import InputError
from lettershop.model.settings import Settings
from lettershop.web.health import Health
from lettershop.web.nobody import StandingBy
from lettershop.web.opened import serve_opened
from lettershop.web.pages.charts import warm
from lettershop.web.serve import bind, prepared, settings_asked, url_of


def serve_loader(
    workspace: Path, host: str | None = None, port: int | None = None, log_level: str = "info"
) -> bool:
    """Serve until SIGTERM or Ctrl-C; False when the engine is broken, and it should be started
    again. A process that leads no more ends at once (cluster/leading.py).

    Raises what `records.connect` and `prepare` (app/cluster/facts.py) raise, InputError
    `cluster.records`, UsageError `server.address`."""
    configure_logs(log_level)
    folder = Workspace.find(workspace)
    settings = settings_asked(folder, host, port)
    with _entered("loader", folder, settings) as (process, listening):
        leading = _stood_by(folder, settings, process, listening)
        if leading is None:
            return True
        owner = Owner(leading, lake_set(folder, settings), sends=False)
        return _lead(folder, settings, leading, owner, listening)


def serve_leading(folder: Path, settings: Settings) -> bool:
    """As `serve_loader`, but at once or not at all, and with sender processes: `lettershop up`.
    WorkspaceError `cluster.led`. Its raw log is its own unless a loader has opened a shared one."""
    with _entered("up", folder, settings) as (process, listening):
        leading = lead_now(process)
        owner: Place
        try:
            prepare(folder, settings, leading, fetcher(folder, settings), shared=False)
            lake = lake_set(folder, settings)
            owner = Owner(leading, lake, sends=True) if is_open() else Single(leading)
        except BaseException:
            leading.stop()
            raise
        return _lead(folder, settings, leading, owner, listening)


@contextmanager
def _entered(
    kind: Kind, folder: Path, settings: Settings
) -> Iterator[tuple[Process, socket.socket]]:
    """Among the processes of the cluster, with a socket others reach it by."""
    records.connect(folder, settings)
    needs_postgresql(f"lettershop {kind}")
    records.migrate()
    listening = bind(settings.host, settings.port)
    port = int(listening.getsockname()[1])
    process = enter(kind, __version__, address=address_of(settings, port))
    name_sessions(process)
    try:
        yield process, listening
    finally:
        listening.close()
        with suppress(InputError, DatabaseError):  # whoever is not heard of counts as gone, too
            records.connect(folder, settings)
            leave(process.pk)
            records.disconnect()


def _lead(
    folder: Path, settings: Settings, leading: Leading, place: Place, listening: socket.socket
) -> bool:
    """Serve as the leader, whose facts are ready; the lock is let go of when all is closed."""
    said: dict[str, Any] = {"host": settings.host, "port": settings.port}
    try:
        return serve_opened(Server.open(folder, place=place, **said), listening)
    finally:
        leading.stop()


def _stood_by(
    folder: Path, settings: Settings, process: Process, listening: socket.socket
) -> Leading | None:
    """None when it was told to end before it led. Raises what made it unable to."""
    waiting = Waiting(folder, settings, process, fetcher(folder, settings))
    health = Health(_vitals(waiting), find_token)
    url = url_of(listening)
    serving = prepared(StandingBy(health), lambda: _greet(url))
    warm()  # now, while nobody waits: it keeps the interpreter to itself for a while
    waiting.start(partial(setattr, serving, "should_exit", True))
    serving.run(sockets=[listening.dup()])
    waiting.stop()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)  # until there is a server that knows better
    if waiting.error is not None:
        raise waiting.error
    return waiting.leading


def _vitals(waiting: Waiting) -> Vitals:
    vitals = Vitals()
    vitals.check("facts", lambda: waiting.state)
    text = "Whether this process stands by."
    vitals.add(lambda: [Vital(name="standing_by", help=text, value=1)])
    return vitals


def _greet(url: str) -> None:
    typer.echo(f"Lettershop loader stands by on {url}  (Ctrl-C stops it)")
