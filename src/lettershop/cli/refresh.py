"""`lettershop refresh`: the published segments brought current, by the embedded engine or Spark."""

import time
from collections.abc import Callable, Sequence
from typing import Annotated, Literal

import msgspec
import typer
from rapidfuzz import process
from rich.text import Text

from lettershop.app import records
from lettershop.app.refreshing.once import refresh_once
from lettershop.app.refreshing.orders import Order, Wish
from lettershop.app.refreshing.told import Refreshed, only
from lettershop.app.shop import LocalShop, Shop
from lettershop.cli.doing import doing
from lettershop.cli.doors import opened
from lettershop.cli.options import JsonOption, SparkOption, WorkspaceOption
from lettershop.cli.output import hint, number, print_json, say, show, table
from lettershop.cli.problems import unreachable
from lettershop.cli.remote import RemoteShop
from lettershop.cli.views import UNITS
from lettershop.model.errors import NotFound

POLL = 0.1
"""Seconds between two looks at a refresh that a server does."""
Tell = Callable[[str], None]


def refresh(
    segments: Annotated[
        list[str] | None,
        typer.Argument(metavar="SEGMENTS", help="Show only these; all are brought current."),
    ] = None,
    engine: Annotated[
        Literal["duckdb", "spark"] | None,
        typer.Option("--engine", help="Who evaluates; default: the setting `engine`."),
    ] = None,
    spark: SparkOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring all published segments current once: sizes, and who entered and left.

    A running server does this by itself; asked beside one, the command waits until it is done. With
    Spark the facts are written to the lake first, and evaluated there. Where there is a lake, the
    members are written into it, too.

    Examples:

        lettershop refresh

        lettershop refresh --engine spark --spark sc://spark.example.com:15002

        lettershop refresh vips dormant --json
    """
    wish = Wish(engine=engine or ("spark" if spark else None), spark=spark)
    with (
        opened(workspace, as_json=as_json, say_age=False) as (shop, _),
        doing(shown=not as_json) as tell,
    ):
        answer = _refreshed(shop, wish, tell)
    answer = _chosen(answer, segments or ())
    if as_json:
        print_json(answer)
        return
    if not answer.segments:
        hint("nothing is published yet: lettershop plan shows what would be, apply publishes it")
        return
    _show(answer)


def _refreshed(shop: Shop, wish: Wish, tell: Tell) -> Refreshed:
    match shop:
        case RemoteShop():
            return _by_server(shop, wish, tell)
        case LocalShop():
            records.connect(shop.path, shop.workspace.settings)
            try:
                records.migrate()
                return refresh_once(shop.workspace, wish, tell)
            finally:
                records.disconnect()
        case _:
            raise TypeError(f"no refresh is known of {type(shop).__name__}")


def _by_server(shop: RemoteShop, wish: Wish, tell: Tell) -> Refreshed:
    order = shop.ask("POST", "/refreshes", Order, content=msgspec.json.encode(wish))
    while order.state in ("waiting", "running"):
        tell(order.doing or "waiting for the server")
        time.sleep(POLL)
        order = shop.ask("GET", f"/refreshes/{order.id}", Order)
    if order.error is not None:
        raise order.error.error()
    if order.answer is None:
        raise unreachable("the refresh has ended without saying how")
    return order.answer


def _chosen(answer: Refreshed, names: Sequence[str]) -> Refreshed:
    known = [one.name for one in answer.segments]
    for name in names:
        if name not in known:
            near = process.extract(name, known, limit=3, score_cutoff=50)
            said = ", ".join(f"“{n}”" for n, *_ in near)
            raise NotFound(
                "segment.unpublished",
                f"no segment “{name}” is published",
                hint=f"similar are {said}" if said else "lettershop apply publishes the folder's",
            )
    return only(answer, names) if names else answer


def _show(answer: Refreshed) -> None:
    made = table("segment", "size", "", "entered", "left", right=("size", "entered", "left"))
    for one in answer.segments:
        made.add_row(
            Text(one.name, "bold"),
            number(one.size),
            UNITS[one.subject],
            _quiet(one.entered),
            _quiet(one.left),
        )
    show(made)
    by = "Spark" if answer.engine == "spark" else "the embedded engine"
    where = "" if answer.snapshot is None else f", snapshot {answer.snapshot} of the lake"
    say(f"as of {answer.as_of}, by {by} in {answer.seconds:.1f} seconds{where}", style="dim")
    if answer.run is not None:
        say(f"members written into the lake as run {answer.run}", style="dim")


def _quiet(count: int) -> Text:
    return Text(number(count), style="" if count else "dim")
