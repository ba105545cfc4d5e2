"""`lettershop campaign results`: what a campaign caused."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer
from rich.table import Table
from rich.text import Text

from lettershop.app import records
from lettershop.app.results import results as results_of
from lettershop.app.shop import LocalShop
from lettershop.campaigns.experiments.verdict import Verdict
from lettershop.campaigns.results.said import Delivery, Effect, Graded, Group, Response, Results
from lettershop.cli.doors import opened
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, number, print_json, share, show, table
from lettershop.cli.remote import RemoteShop

By = Annotated[
    list[str] | None,
    typer.Option(
        "--by", metavar="SEGMENT", help="Tell its members apart, too; may be said several times."
    ),
]


def results(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The campaign.")],
    by: By = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a campaign caused: letters, clicks, replies, and its goal against those held out.

    Clicks are those of people, not of the programs that follow every link. What would have happened
    anyway is told by those who were held out; without them it cannot be known.

    Examples:

        lettershop campaign results spring-offers

        lettershop campaign results spring-offers --by customers/large --by customers/small
    """
    found = _asked(workspace, name, by or (), as_json=as_json)
    if as_json:
        print_json(found)
        return
    for sentence in found.said:
        show(Text(sentence))
    show(_letters(found.delivery), _answers(found.response))
    if found.effect is not None:
        _show_goal(found.effect)
    if found.comparison is not None:
        _show_variants(found.comparison)
    if found.groups:
        _show_groups(found.groups)
    hint(f"lettershop campaign proof {name} lists single letters")


def _asked(workspace: Path | None, name: str, by: Sequence[str], *, as_json: bool) -> Results:
    with opened(workspace, as_json=as_json, say_age=False) as (shop, now):
        match shop:
            case RemoteShop():
                path = f"/campaigns/{quote(name, safe='')}/results"
                return shop.ask("GET", path, Results, params={"by": [*by]})
            case LocalShop():
                records.connect(shop.path, shop.workspace.settings)
                try:
                    records.migrate()
                    with shop.workspace.store.snapshot():
                        return results_of(shop.workspace, name, by, now)
                finally:
                    records.disconnect()
            case _:
                raise TypeError(f"no results are known of {type(shop).__name__}")


def _letters(found: Delivery) -> Table:
    made = table("letters", "", "share", "of which", right=("", "share"))
    rows: list[tuple[str, int, Mapping[str, int]]] = [
        ("planned", found.planned, {}),
        ("  accepted", found.accepted, {}),
        ("  refused", found.refused, found.refused_by),
        ("  suppressed", found.suppressed, found.suppressed_by),
        ("  failed", found.failed, {}),
        ("  unknown", found.unknown, {}),
        ("  still open", found.open, {}),
        ("bounced later", found.bounced, found.bounced_by),
    ]
    for title, letters, why in rows:
        of = "\n".join(f"{number(n)} {reason}" for reason, n in why.items())
        made.add_row(title, number(letters), share(letters, found.planned), of)
    return made


def _answers(found: Response) -> Table:
    made = table("people who", "", "share", "95 %", right=("", "share", "95 %"))
    shares = [
        ("followed a link", found.clicked.human),
        ("replied", found.replied),
        ("unsubscribed", found.unsubscribed),
        ("complained", found.complained),
    ]
    for title, one in shares:
        made.add_row(title, number(one.people), f"{one.rate:.2%}", _between(one.low, one.high))
    made.add_row("answered automatically", number(found.auto_replied), "", "")
    _add_graded(made, "links followed", found.clicked)
    if found.opened is not None:
        made.add_row("opened (decides nothing)", number(found.opened.human.people), "", "")
        _add_graded(made, "letters opened", found.opened)
    return made


def _add_graded(made: Table, what: str, found: Graded) -> None:
    for grade, people in (("only by machines", found.machine), ("perhaps", found.unknown)):
        if people:
            made.add_row(f"{what} {grade}", number(people), "", "")


def _show_goal(found: Effect) -> None:
    columns = ("people", "reached it", "share", "95 %", "revenue", "per person")
    made = table("goal", *columns, right=columns)
    arms = [("to get a letter", found.treated), ("held out", found.held_out)]
    for title, arm in arms:
        if arm is None:
            continue
        money = ("–", "–")
        if arm.revenue is not None and arm.per_person is not None:
            money = (f"{arm.revenue:,.2f}", f"{arm.per_person:,.4f}")
        between = _between(arm.low, arm.high)
        people, reached = number(arm.people), number(arm.reached)
        made.add_row(title, people, reached, f"{arm.rate:.2%}", between, *money)
    show(made)


def _show_variants(found: Verdict) -> None:
    columns = ("people", "reached", "share", "95 %")
    made = table("variant", *columns, right=columns)
    for arm in found.arms:
        name = Text(arm.name, style="bold" if arm.name == found.winner else "")
        between = _between(arm.low, arm.high)
        made.add_row(name, number(arm.people), number(arm.reached), f"{arm.rate:.2%}", between)
    show(made)


def _show_groups(groups: Sequence[Group]) -> None:
    columns = ("planned", "accepted", "bounced", "clicked", "replied", "left", "goal", "more")
    made = table("of", *columns, right=columns)
    for group in groups:
        answered, letters = group.response, group.delivery
        made.add_row(
            f"{group.sort} {group.name}",
            number(letters.planned),
            number(letters.accepted),
            number(letters.refused + letters.bounced),
            f"{answered.clicked.human.rate:.1%}",
            f"{answered.replied.rate:.1%}",
            f"{answered.unsubscribed.rate:.1%}",
            f"{group.effect.treated.rate:.1%}" if group.effect else "–",
            _more(group.effect),
        )
    show(made)


def _more(found: Effect | None) -> str:
    """Points more than those held out; ± half the interval."""
    if found is None or found.rate is None:
        return "–"
    half = (found.rate.high - found.rate.low) / 2
    return f"{found.rate.value * 100:+.1f} ± {half * 100:.1f}"


def _between(low: float, high: float) -> str:
    return f"{low:.2%} to {high:.2%}"
