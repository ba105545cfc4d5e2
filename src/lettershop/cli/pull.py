"""`lettershop pull …`: rows fetched from SQL databases."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from lettershop.cli.doors import opened
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, number, print_json, say, show, table
from lettershop.ingest.pull.pull import PullReport
from lettershop.ingest.pull.step import PullState
from lettershop.ingest.refusals import REASONS

app = typer.Typer(no_args_is_help=True, help="Fetch new rows from SQL databases.")
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


@app.command("list")
def list_(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the pulls of the workspace: when each ran, how far it is, what went wrong.

    Examples:

        lettershop pull list

        lettershop pull list --json
    """
    with opened(workspace, as_json=as_json, say_age=False) as (shop, _):
        found = shop.pulls()
    if as_json:
        print_json({"pulls": found})
    elif not found:
        hint("no pulls yet: write sources/NAME.pull.toml")
    else:
        show(_table(found))


@app.command()
def run(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of sources/NAME.pull.toml.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what the first rows would do; store nothing.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch what is new in a database now; every row is stored once, however often it runs.

    Examples:

        lettershop pull run crm --dry-run

        lettershop pull run crm
    """
    with opened(workspace, as_json=as_json, say_age=False) as (shop, _):
        report = shop.run_pull(name, dry_run=dry_run)
    if as_json:
        print_json(report)
        return
    if dry_run:
        show(_columns(report))
    would = "would be " if dry_run else ""
    show(Text.assemble((number(report.rows), "bold"), f" rows {would}stored: {_facts(report)}"))
    for code, count in report.refused.items():
        say(f"refused {number(count)}: {REASONS.get(code, code)}", style="yellow")
    if report.refused_path:
        hint(f"see {report.refused_path}")
    if report.high_water is not None:
        hint(f"now at {report.high_water}")


def _table(found: Sequence[PullState]) -> Table:
    right = ("rows", "in all")
    made = table("pull", "every", "last run", "rows", "in all", "is at", "state", right=right)
    for pull in found:
        wrong = Text(f"{pull.code}: {pull.message}", style="red")
        made.add_row(
            Text(pull.name, style="bold"),
            _span(pull.every),
            pull.last_run or "–",
            number(pull.last_rows),
            number(pull.rows),
            Text(pull.high_water or "–"),
            wrong if pull.code else Text("well" if pull.last_run else "has not run yet"),
        )
    return made


def _columns(report: PullReport) -> Table:
    made = table("column", "type")
    for name, kind in report.columns.items():
        made.add_row(Text(name), kind or "by its values")
    return made


def _facts(report: PullReport) -> str:
    told = [f"{number(count)} × {what}" for what, count in report.facts.items()]
    return ", ".join(told) or "nothing new"


def _span(seconds: int | None) -> str:
    """`15 minutes`: in the largest unit that fits."""
    if seconds is None:
        return "–"
    size, unit = next((s, u) for s, u in _UNITS if seconds % s == 0)
    return f"{seconds // size} {unit}{'s' * (seconds // size != 1)}"
