"""`lettershop send links`, `send repoint`: where the links of letters lead that are long sent."""

from typing import Annotated

import typer

from lettershop.access.audit import LOCAL
from lettershop.app.sending.links import change_link, links_of
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, print_json, say, show, table
from lettershop.cli.records import opened_records
from lettershop.cli.send import Which
from lettershop.model.clock import SystemClock
from lettershop.model.errors import UsageError


def links(which: Which, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the links in the letters of a send, and where they lead now.

    Examples:

        lettershop send links 7
    """
    with opened_records(workspace):
        found = links_of(which)
    if as_json:
        print_json({"links": found})
        return
    made = table("link", "letter", "as sent", "now", right=("link",))
    for one in found:
        letter = f"{one.template} ({one.variant})" if one.variant else one.template
        made.add_row(str(one.number), letter, one.sent, one.now)
    show(made)


def repoint(
    which: Which,
    link: Annotated[int, typer.Argument(metavar="LINK", help="Its number, from `send links`.")],
    url: Annotated[str, typer.Argument(metavar="URL", help="Where it shall lead.")] = "",
    back: Annotated[bool, typer.Option("--back", help="Lead again where it was sent to.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Lead a link elsewhere, within seconds, also in letters that arrived long ago.

    Examples:

        lettershop send repoint 7 2 https://example.com/the-right-page

        lettershop send repoint 7 2 --back
    """
    if bool(url) == back:
        raise UsageError("link.where", "say where it shall lead, or --back")
    with opened_records(workspace):
        now = change_link(which, link, url, LOCAL, SystemClock().now())
    if as_json:
        print_json(now)
        return
    say(f"link {link} of send {which} leads to {now.now or now.sent}")
    hint(f"lettershop send links {which}")
