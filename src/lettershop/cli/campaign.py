"""`lettershop campaign …`: from a file to letters that leave, and what becomes of them."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from lettershop.app.campaigning.answers import CampaignAnswer
from lettershop.app.campaigning.desk import Draft
from lettershop.campaigns.reading import name_of
from lettershop.campaigns.states import ENDED
from lettershop.cli import send
from lettershop.cli.campaign_views import campaign_view, checking, freeze_view, headline, line
from lettershop.cli.campaigns import CampaignDesk, opened_campaigns
from lettershop.cli.content_proof_views import stoppable
from lettershop.cli.endings import Failed
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import (
    console,
    hint,
    number,
    print_findings,
    print_json,
    say,
    show as shown,
    table,
)
from lettershop.model.errors import InputError, UsageError

app = typer.Typer(no_args_is_help=True, help="Campaigns: write, check, approve, send, stop.")

BLOCKED = 4
"""The exit code while something stands in the way of sending."""
WATCH = 1.0
"""Seconds between two looks."""

Name = Annotated[str, typer.Argument(metavar="NAME", help="The campaign.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept.")]


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help="How many.")] = 50,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List campaigns, the newest first.

    Examples:

        lettershop campaign list
    """
    with opened_campaigns(workspace, as_json=as_json) as desk:
        found = desk.all(limit)
    if as_json:
        print_json(found)
        return
    if not found:
        hint("no campaigns yet: lettershop campaign draft campaigns/NAME.toml")
        return
    made = table("campaign", "state", "starts", "send", "why")
    for one in found:
        told = one.reason or one.problem.partition("\n")[0] or one.alarm
        made.add_row(one.name, line(one), one.start_at or "", str(one.send or ""), told)
    shown(made)


@app.command()
def draft(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="A campaign, as TOML.", exists=True, dir_okay=False),
    ],
    name: Annotated[
        str, typer.Option("--name", help="How it is called; default: as the file.")
    ] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read a campaign from a file, and say everything that is wrong with it.

    A campaign that was checked or approved is a draft again when its file says something else.

    Examples:

        lettershop campaign draft campaigns/your-route.toml
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 text (byte {error.start})"
        raise InputError("campaign.encoding", message, where=str(file)) from None
    said = Draft(text=text or "\n", source=str(file))
    with opened_campaigns(workspace, as_json=as_json) as desk:
        found = desk.write(name or name_of(file.resolve()), said)
    if as_json:
        print_json(found)
        return
    print_findings(found.findings, console(stderr=True))
    say(f"{found.name} is {headline(found)}.")
    if found.state == "draft":
        hint(f"lettershop campaign check {found.name}")


@app.command()
def show(
    name: Name,
    watch: Annotated[bool, typer.Option("--watch", help="Look again until it has ended.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a campaign: how far it is, what preflight said, who did what.

    Examples:

        lettershop campaign show your-route

        lettershop campaign show your-route --watch
    """
    if watch and as_json:
        raise UsageError("usage", "--watch is for people: use it without --json")
    with opened_campaigns(workspace, as_json=as_json) as desk:
        found = desk.show(name)
        if watch:
            if not desk.served and found.state not in ENDED:
                hint("nothing moves without a server: lettershop up")
            else:
                found = _watched(desk, found)
    if as_json:
        print_json(found)
    else:
        shown(campaign_view(found))


def _watched(desk: CampaignDesk, found: CampaignAnswer) -> CampaignAnswer:
    """A line a second in a terminal; in a pipe one for every change."""
    out = console(stderr=True)
    last = ""
    with out.status(headline(found)) as status:
        while found.state not in ENDED:
            told = headline(found)
            status.update(told)
            if told != last and not out.is_terminal:
                say(told)
            last = told
            time.sleep(WATCH)
            found = desk.show(found.name)
    return found


@app.command()
def audience(name: Name, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Count who would get it now, and who not and why. Nothing is kept.

    Examples:

        lettershop campaign audience your-route
    """
    with opened_campaigns(workspace, as_json=as_json) as desk:
        found = desk.whom(name)
    if as_json:
        print_json(found)
    else:
        shown(freeze_view(found))


@app.command()
def check(name: Name, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Write everybody's letter as of now and look at it. Nothing is sent.

    Ends with 4 while something stands in the way of sending. Warnings can be accepted with a
    reason; what blocks has to be mended.

    Examples:

        lettershop campaign check your-route
    """
    with (
        opened_campaigns(workspace, as_json=as_json) as desk,
        stoppable() as stopped,
        checking(shown=not as_json) as progress,
    ):
        found = desk.check(name, progress, stopped)
    if as_json:
        print_json(found)
    else:
        shown(campaign_view(found, moves=False))
        if found.state == "checked":
            hint(f"lettershop campaign approve {name}")
    if found.state != "checked":
        raise Failed(BLOCKED)


@app.command()
def accept(
    name: Name,
    key: Annotated[str, typer.Argument(metavar="KEY", help="Of a warning of preflight.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it is meant.", prompt=True)],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that a warning of preflight is meant.

    Examples:

        lettershop campaign accept your-route 3fa9c1d2 --reason "the large picture is the point"
    """
    with opened_campaigns(workspace, as_json=as_json) as desk:
        found = desk.accept(name, key, reason)
    _tell(found, as_json=as_json)
    if not as_json and found.blocking:
        say(f"still in the way: {', '.join(found.blocking)}", style="yellow")


@app.command()
def approve(name: Name, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Say yes: it leaves at its time, or at once where it has none.

    Examples:

        lettershop campaign approve your-route
    """
    with opened_campaigns(workspace, as_json=as_json) as desk:
        found = desk.approve(name)
        served = desk.served
    _tell(found, as_json=as_json)
    if not as_json:
        hint(f"lettershop campaign show {name} --watch" if served else "it waits for lettershop up")


@app.command()
def start(name: Name, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Send an approved campaign now, instead of at its time. Needs a running server.

    Examples:

        lettershop campaign start your-route
    """
    _do(name, lambda desk: desk.start(name), workspace, as_json=as_json)


@app.command()
def undo(
    name: Name, reason: Reason = "", workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Take it back before anything has left: in its hold window. It is a draft again.

    Examples:

        lettershop campaign undo your-route --reason "the wrong segment"
    """
    _do(name, lambda desk: desk.undo(name, reason), workspace, as_json=as_json)


@app.command()
def go(name: Name, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """The canary looks well: send to all others, too.

    Examples:

        lettershop campaign go your-route
    """
    _do(name, lambda desk: desk.go(name), workspace, as_json=as_json)


@app.command()
def pause(
    name: Name, reason: Reason = "", workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Stop between two letters, within a second, until it is resumed.

    Examples:

        lettershop campaign pause your-route --reason "wrong price in the second block"
    """
    _do(name, lambda desk: desk.pause(name, reason), workspace, as_json=as_json)


@app.command()
def resume(name: Name, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Go on with a paused campaign.

    Examples:

        lettershop campaign resume your-route
    """
    _do(name, lambda desk: desk.resume(name), workspace, as_json=as_json)


@app.command()
def abort(
    name: Name,
    reason: Reason = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """End a campaign for good: what has not left never leaves.

    Examples:

        lettershop campaign abort your-route --reason "sent to the wrong segment" --yes
    """
    with opened_campaigns(workspace, as_json=as_json) as desk:
        before = desk.show(name)
        left = before.figures.open if before.figures else 0
        if not yes and not as_json:
            what = f"{number(left)} letters will never be sent" if left else "It ends for good"
            typer.confirm(f"{what}. Abort {name}?", abort=True, err=True)
        found = desk.abort(name, reason)
    _tell(found, as_json=as_json)


@app.command()
def proof(
    name: Name,
    state: Annotated[
        str, typer.Option("--list", metavar="STATE", help="List the messages in this state.")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many to list at most.")] = 100,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove its send: planned = accepted + refused + suppressed + failed + unknown, by reason.

    The same as `lettershop send proof` of its send. Exit code 1 when it does not add up.

    Examples:

        lettershop campaign proof your-route

        lettershop campaign proof your-route --list unknown
    """
    with opened_campaigns(workspace, as_json=as_json) as desk:
        found = desk.show(name)
    if found.send is None:
        message = f"{name} is {found.state}: nothing is planned yet"
        raise UsageError("campaign.no_send", message, hint=f"lettershop campaign check {name}")
    send.proof(found.send, state, limit, workspace, as_json=as_json)


def _do(
    name: str,
    what: Callable[[CampaignDesk], CampaignAnswer],
    workspace: Path | None,
    *,
    as_json: bool,
) -> None:
    with opened_campaigns(workspace, as_json=as_json) as desk:
        found = what(desk)
    _tell(found, as_json=as_json)
    if not as_json:
        hint(f"lettershop campaign show {name}")


def _tell(found: CampaignAnswer, *, as_json: bool) -> None:
    if as_json:
        print_json(found)
    else:
        say(f"{found.name} is {headline(found)}.")
