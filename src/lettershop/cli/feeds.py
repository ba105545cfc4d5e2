"""`lettershop data feeds`: when each event was last received, and how often it usually is."""

import typer
from rich.table import Table
from rich.text import Text

from lettershop.app.uncertain import FeedsAnswer
from lettershop.cli.doors import opened
from lettershop.cli.options import AsOfOption, JsonOption, WorkspaceOption
from lettershop.cli.output import hint, number, print_json, show, table
from lettershop.segments.uncertain import lasting

app = typer.Typer(no_args_is_help=True, help="What comes in: events and their rhythm.")

_STATES = {
    "regular": ("", ""),
    "silent": ("silent", "yellow"),
    "never_seen": ("never seen", "yellow"),
    "no_rhythm": ("too few to say", "dim"),
}


@app.command()
def feeds(
    workspace: WorkspaceOption = None, as_of: AsOfOption = None, as_json: JsonOption = False
) -> None:
    """Say of every event when it was last received, and whether it is silent for too long.

    Segments that are true because an event did not come are uncertain while it is silent.

    Examples:

        lettershop data feeds

        lettershop data feeds --as-of 2026-03-01T00:00Z --json
    """
    with opened(workspace, as_of, as_json=as_json) as (shop, at):
        found = shop.feeds(at)
        if as_json:
            print_json(found)
        elif found.items:
            show(feeds_table(found))
        else:
            hint("no events yet: lettershop import brings some, or a source sends them")


def feeds_table(found: FeedsAnswer) -> Table:
    made = table(
        "event", "received", "last", "usually every", "longest pause", "", right=("received",)
    )
    for feed in found.items:
        said, style = _STATES[feed.state]
        made.add_row(
            Text(feed.event, style="bold"),
            number(feed.rows),
            feed.last_received or "–",
            _lasting(feed.usual_gap),
            _lasting(feed.longest_gap),
            Text(said, style=style),
        )
    return made


def _lasting(seconds: int | None) -> str:
    return "–" if seconds is None else lasting(seconds * 1_000)
