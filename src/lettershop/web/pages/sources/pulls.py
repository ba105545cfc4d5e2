"""Pulls from databases: how they are, and one run now or tried; the watched folder."""

import threading

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lettershop.access.audit import audit
from lettershop.app.feeds import INBOX
from lettershop.app.running import running
from lettershop.app.sources import inbox
from lettershop.ingest.pull.pull import PullReport
from lettershop.model.clock import parse_instant
from lettershop.model.errors import LettershopError
from lettershop.web.pages.roles import principal
from lettershop.web.pages.telling import tell

log = structlog.get_logger("lettershop.pull")


def pulls(request: HttpRequest) -> HttpResponse:
    return _page(request)


def pulls_part(request: HttpRequest) -> HttpResponse:
    return render(request, "sources/pulls_part.html", _known())


def try_pull(request: HttpRequest, name: str) -> HttpResponse:
    """What its first batch would do."""
    try:
        return _page(request, tried=running().feeds.pulls.run(name, dry_run=True))
    except LettershopError as error:
        return _page(request, error=error)


def run_pull_now(request: HttpRequest, name: str) -> HttpResponse:
    """Beside this request: the page shows when it is over. Killed, it goes on where it was."""
    pulls = running().feeds.pulls
    with running().engine.read() as workspace:
        known = {state.name: state for state in pulls.states(workspace.store)}
    if name not in known or known[name].every is None:
        said = _("There is no pull “%(name)s” that can be run.") % {"name": name[:60]}
        tell(request, said, mood="bad")
        return redirect("/sources/pulls")
    audit(principal(request), "pull.run", name)
    thread = threading.Thread(target=_run, args=(name,), name=f"pull {name}", daemon=True)
    thread.start()
    thread.join(1.0)
    tell(request, _("%(name)s is being fetched.") % {"name": name}, mood="note")
    return redirect("/sources/pulls")


def _run(name: str) -> None:
    try:
        running().feeds.pulls.run(name)
    except LettershopError as error:  # noted with the pull, and shown there
        log.warning("pull.failed", name=name, code=error.code, message=error.message)


def _page(
    request: HttpRequest, error: LettershopError | None = None, tried: PullReport | None = None
) -> HttpResponse:
    known = _known() | {"error": error, "tried": tried, "tab": "pulls"}
    return render(request, "sources/pulls.html", known, status=400 if error else 200)


def _known() -> dict[str, object]:
    server = running()
    pulls = server.feeds.pulls
    with server.engine.read() as workspace:
        states = pulls.states(workspace.store)
    rows = [
        {
            "pull": state,
            "minutes": (state.every or 0) // 60,
            "last": parse_instant(state.last_run) if state.last_run else None,
            "running": pulls.running(state.name),
        }
        for state in states
    ]
    return {
        "pulls": rows,
        "moving": any(row["running"] for row in rows),
        "inbox": inbox(server.engine.workspace.path),
        "inbox_name": INBOX,
    }
