"""Scheduled pulls from SQL databases: how they are, and running one now."""

import msgspec
from django.http import HttpRequest
from ninja import Router

from lettershop.app.running import running
from lettershop.ingest.pull.pull import PullReport
from lettershop.ingest.pull.step import PullState
from lettershop.web.api.bodies import read_body
from lettershop.web.api.operations import operation

router = Router()


class PullStates(msgspec.Struct, frozen=True):
    items: list[PullState]


class RunPull(msgspec.Struct, frozen=True):
    """`dry_run`: only say what the first batch would do."""

    dry_run: bool = False


@operation(router, "GET", "/pulls", answer=PullStates)
def list_pulls(request: HttpRequest) -> PullStates:
    """Every pull in the workspace's sources/, when it ran, and what went wrong."""
    with running().engine.read() as workspace:
        return PullStates(running().feeds.pulls.states(workspace.store))


@operation(router, "POST", "/pulls/{path:name}/run", answer=PullReport, body=RunPull)
def run_pull(request: HttpRequest, name: str) -> PullReport:
    """Fetch what is new, now; answers when it is loaded."""
    dry_run = read_body(request, RunPull).dry_run
    return running().feeds.pulls.run(name, dry_run=dry_run)
