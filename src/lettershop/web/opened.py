"""A server that is open, from its socket to its end: greeted, served, stopped."""

import socket

import typer
from django.core.handlers.asgi import ASGIHandler

from lettershop.access.users import FIRST_OWNER
from lettershop.app.cluster.token import cluster_token
from lettershop.app.server import Server
from lettershop.app.vitals import Vital
from lettershop.web.collector.app import Collector
from lettershop.web.handed import Handed
from lettershop.web.pages.charts import warm
from lettershop.web.public.opening import open_public
from lettershop.web.public.parties import set_public
from lettershop.web.serve import bind, front, run


def serve_opened(server: Server, listening: socket.socket | None = None) -> bool:
    """Serve until SIGTERM or Ctrl-C. False when it ended because the engine is broken, and should
    be started again. `listening`: a socket that is bound already. UsageError `server.address`."""
    try:
        password = server.first_password()
        if listening is None:
            listening = bind(server.settings.host, server.settings.port)
        server.listens(listening.getsockname()[1])
        clock, office = server.running.clock, server.office
        pages = open_public(server.data, office.compliance, office.emit, office.targets, clock)
        set_public(pages)
        collector = Collector(server.log, server.keys, clock, server.settings)
        server.running.vitals.add(lambda: collected(collector))
        app = Handed(front(server, collector, ASGIHandler()), cluster_token(server.data))
    except BaseException:
        server.stop()
        raise
    warm()
    run(server, app, listening, lambda url: _greet(url, server, password))
    return not server.broken


def collected(collector: Collector) -> list[Vital]:
    """What the collector counts."""
    counts = collector.counts
    taken = (
        ("collector_requests_total", "Requests acknowledged.", counts.requests),
        ("collector_events_total", "Events in acknowledged requests.", counts.events),
    )
    figures = [Vital(name=n, help=text, value=v, kind="counter") for n, text, v in taken]
    for code, number in sorted(counts.refused.items()):
        figures.append(
            Vital(
                name="collector_refused_total",
                help="Requests refused by the collector, by code.",
                value=number,
                kind="counter",
                labels={"code": code},
            )
        )
    return figures


def _greet(url: str, server: Server, password: str | None) -> None:
    typer.echo(f"Lettershop listens on {url}  (Ctrl-C stops it)")
    if password is not None:
        typer.echo(f"First owner: {FIRST_OWNER}   password: {password}   (shown this once)")
        typer.echo("change it:   lettershop user password " + FIRST_OWNER)
    if server.settings.public_url:
        typer.echo(f"The world reaches it as {server.settings.public_url}")
