"""`lettershop segment changes` and `history`: who entered and left, and how large it was when."""

from collections.abc import Iterable
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from lettershop.app.changes import Changed, SizeAt, SizeHistory
from lettershop.cli.doors import opened
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, number, page, print_json, show, table
from lettershop.cli.segment import Name
from lettershop.model.clock import parse_instant

BAR = 40
"""Characters of the longest bar."""
_STYLE = {"entered": "green", "left": "red"}


def changes(
    name: Name,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=10_000, help="How many of the newest to show.")
    ] = 20,
    follow: Annotated[
        bool,
        typer.Option(
            "--follow", "-f", help="Go on with what happens, beside a running server; Ctrl-C ends."
        ),
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who entered and left a segment that is kept current: when, and what caused it.

    *effective* is since when it is true, *found* when it was seen. With `--follow` the oldest come
    first, and with `--json` each is a document on a line of its own.

    Examples:

        lettershop segment changes vips --limit 5

        lettershop segment changes vips --follow
    """
    with opened(workspace, as_json=as_json, say_age=False) as (shop, _):
        found = shop.changes(name, limit)
        if follow:
            news = shop.follow(name, after=found[0].id if found else -1)
            _print_lines(reversed(found), as_json=as_json)
            _print_lines(news, as_json=as_json)
        elif as_json:
            print_json({"segment": name, "changes": found})
        elif found:
            show(changes_table(found))
        else:
            hint("nobody has entered or left it yet")


def history(
    name: Name,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="The first moment; default: since it is kept current."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="The last moment; default: now.")
    ] = None,
    points: Annotated[
        int, typer.Option(min=2, max=1_000, help="How many moments, evenly spread.")
    ] = 20,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how large a segment was over time, and how many entered and left in between.

    Examples:

        lettershop segment history vips

        lettershop segment history vips --since 2026-03-01 --points 31 --json
    """
    with opened(workspace, as_json=as_json, say_age=False) as (shop, now):
        start = None if since is None else parse_instant(since)
        found = shop.history(name, start, now if until is None else parse_instant(until), points)
        if as_json:
            print_json(found)
        else:
            show(history_table(found))


def changes_table(found: Iterable[Changed]) -> Table:
    made = table("found", "", "who", "account", "effective", "cause")
    for one in found:
        change = Text(one.change, style=_STYLE[one.change])
        made.add_row(
            one.detected_at, change, who(one), one.account or "", one.effective_at, one.cause
        )
    return made


def history_table(found: SizeHistory) -> Table:
    """The sizes with a bar each; none before the segment was kept."""
    most = max((point.size or 0 for point in found.points), default=0)
    made = table("at", "size", "entered", "left", "", right=("size", "entered", "left"))
    for point in found.points:
        flow = (number(point.entered), number(point.left)) if point.size is not None else ("", "")
        made.add_row(point.at, number(point.size), *flow, bar(point, most))
    return made


def bar(point: SizeAt, most: int) -> str:
    """As long as the size; an eighth of a character at least when there is anybody."""
    if not point.size:
        return ""
    eighths = max(1, round(point.size / most * BAR * 8))
    whole, rest = divmod(eighths, 8)
    return "█" * whole + " ▏▎▍▌▋▊▉"[rest].strip()


def who(one: Changed) -> str:
    """The name people know best: the address, else the user id, else what there is."""
    for sort in ("email:", "user:"):
        for identity in one.identities:
            if identity.startswith(sort):
                return identity.removeprefix(sort)
    return one.contact or one.account or "somebody who is gone"


def _print_lines(found: Iterable[Changed], *, as_json: bool) -> None:
    """One line each, as they come."""
    for one in found:
        if as_json:
            typer.echo(msgspec.json.encode(one).decode())
            continue
        with page() as out:
            line = Text.assemble(
                one.detected_at,
                "  ",
                (f"{one.change:<8}", _STYLE[one.change]),
                who(one),
                f"  ({one.account})" if one.account and one.contact else "",
                (f"  {one.cause}, effective {one.effective_at}", "dim"),
            )
            out.print(line, soft_wrap=True)
