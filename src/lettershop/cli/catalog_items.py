"""`lettershop items …`: catalogs of items that letters write about."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress as Bar, TextColumn, TimeRemainingColumn
from rich.text import Text

from lettershop.access.audit import LOCAL
from lettershop.app import Workspace
from lettershop.app.catalog_items import ItemAnswer, item_answer, listed
from lettershop.app.catalogs import (
    CatalogReport,
    Choices,
    Step,
    catalogs,
    check_catalogs,
    import_catalogs,
    remove_catalog,
)
from lettershop.app.settings import read_settings
from lettershop.app.shown import instant
from lettershop.cli.endings import Failed
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import (
    console,
    hint,
    number,
    print_findings,
    print_json,
    say,
    show,
    table,
)
from lettershop.cli.records import opened_records
from lettershop.content.catalog.storing import find_item
from lettershop.model.clock import SystemClock
from lettershop.model.errors import DefinitionError

app = typer.Typer(
    no_args_is_help=True, help="Catalogs of items to write about: products, articles, offers."
)

Catalog = Annotated[str, typer.Argument(metavar="CATALOG", help="The catalog, as in offers.")]
Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="CATALOG", help="Only these; default: all in the folder catalog/."),
]


@app.command("import")
def import_(
    names: Names = None,
    again: Annotated[
        bool, typer.Option("--again", help="Import also files that have not changed.")
    ] = False,
    keep_missing: Annotated[
        bool, typer.Option("--keep-missing", help="Keep items that the file no longer has.")
    ] = False,
    allow_refused: Annotated[
        bool, typer.Option("--allow-refused", help="Go on however many rows are refused.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Replace the items of catalogs by those of their files, each as a whole or not at all.

    A file that has not changed is left alone. Items that vanished are marked as gone. Rows that
    cannot be used are written to data/refused/ with their line and the reason. Safe beside a
    running server.

    Examples:

        lettershop items import

        lettershop items import offers --keep-missing
    """
    folder = Workspace.find(workspace or Path())
    choices = Choices(again=again, keep_missing=keep_missing, allow_refused=allow_refused)
    with opened_records(workspace) as settings, _bar(shown=not as_json) as tell:
        at = SystemClock().now()
        reports = [
            *import_catalogs(folder, settings, names or (), choices, by=LOCAL, at=at, tell=tell)
        ]
    if as_json:
        print_json({"catalogs": reports})
    elif not reports:
        hint("the folder catalog/ defines none: write catalog/NAME.toml")
    else:
        _show_reports(reports)


@app.command("list")
def list_(
    catalog: Annotated[
        str | None,
        typer.Argument(metavar="CATALOG", help="Its items; without it all catalogs are listed."),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=10_000, help="How many items to show.")
    ] = 20,
    gone: Annotated[
        bool, typer.Option("--gone", help="Those that are not in the catalog any more.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the catalogs, or the items of one in its order.

    Examples:

        lettershop items list

        lettershop items list offers --limit 5
    """
    with opened_records(workspace):
        known = catalogs() if catalog is None else []
        found = [] if catalog is None else listed(catalog, limit, gone=gone)
        items = [item_answer(catalog or "", one) for one in found]
    if as_json:
        print_json({"catalogs": known} if catalog is None else {"items": items})
    elif catalog is None:
        made = table("catalog", "title", "file", "items", "gone", "refused", "imported",
                     right=("items", "gone", "refused"))  # fmt: skip
        for one in known:
            counts = (number(one.items), number(one.gone), number(one.refused))
            made.add_row(one.name, one.title, one.file, *counts, instant(one.imported_at) or "–")
        show(made)
    else:
        made = table("id", "title", "price", "stock", "tags")
        for item in items:
            stock = "" if item.stock is None else number(item.stock)
            made.add_row(item.id, item.title, _prices(item), stock, ", ".join(item.tags))
        show(made)


@app.command("show")
def show_(
    catalog: Catalog,
    id: Annotated[str, typer.Argument(metavar="ID", help="The id of an item.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show everything an item says, also of one that is gone.

    Examples:

        lettershop items show offers SYD-01
    """
    with opened_records(workspace):
        item = item_answer(catalog, find_item(catalog, id))
    if as_json:
        print_json(item)
        return
    made = table("field", "value")
    for name, value in _said(item):
        made.add_row(Text(name, style="bold"), Text(value))
    show(made)


@app.command()
def check(
    names: Names = None, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Check definitions and files without importing anything: every mistake, with its line.

    Examples:

        lettershop items check

        lettershop items check offers
    """
    folder = Workspace.find(workspace or Path())
    findings = [*check_catalogs(folder, read_settings(folder, os.environ), names or ())]
    if as_json:
        print_json({"findings": findings})
    else:
        print_findings(findings, console())
        if not findings:
            say("Nothing to say: all is well.")
    if any(finding.level == "error" for finding in findings):
        raise Failed(DefinitionError.exit_code)


@app.command()
def remove(
    catalog: Catalog, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Forget a catalog with all its items, also those that are gone. Its files stay.

    Examples:

        lettershop items remove offers
    """
    with opened_records(workspace):
        count = remove_catalog(catalog, by=LOCAL)
    if as_json:
        print_json({"catalog": catalog, "items": count})
    else:
        say(f"The catalog {catalog} is forgotten, with {number(count)} items.")


@contextmanager
def _bar(*, shown: bool) -> Iterator[Callable[[Step], None]]:
    """A bar on stderr, gone afterwards; nothing in a pipe."""
    err = console(stderr=True)
    if not (shown and err.is_terminal):
        yield lambda step: None
        return
    columns = (TextColumn("{task.description:<28}"), BarColumn(), TimeRemainingColumn())
    with Bar(*columns, console=err, transient=True) as bar:
        task = bar.add_task("", total=None)

        def tell(step: Step) -> None:
            label = f"{step.catalog}: {step.phase} {number(step.done)}"
            bar.update(task, description=label, total=step.total, completed=step.done)

        yield tell


def _show_reports(reports: Sequence[CatalogReport]) -> None:
    columns = ("rows", "new", "changed", "unchanged", "gone", "refused")
    made = table("catalog", "file", *columns, right=columns)
    for report in reports:
        if report.repeated:
            made.add_row(report.name, Text("nothing has changed", "dim"), *["–"] * len(columns))
            continue
        refused = sum(report.refused.values())
        counts = (report.rows, report.new, report.changed, report.unchanged, report.gone)
        style = "yellow" if refused else ""
        shown = Text(number(refused), style)
        made.add_row(report.name, report.file or "(API)", *map(number, counts), shown)
    show(made)
    for report in reports:
        for code, count in report.refused.items():
            say(f"{report.name}: {number(count)} rows refused, {code}; see {report.refused_path}")
        if report.kept:
            say(f"{report.name}: {number(report.kept)} items that the file has not are kept")
        print_findings(report.findings, console(stderr=True))


def _prices(item: ItemAnswer) -> str:
    pairs = item.prices.items()
    return ", ".join(f"{m} {p.amount} {p.currency}".strip() for m, p in pairs)


def _said(item: ItemAnswer) -> Iterator[tuple[str, str]]:
    """What is there, in words."""
    yield "id", item.id
    for name in ("title", "kind", "url", "image", "description"):
        if text := getattr(item, name):
            yield name, text
    if item.tags:
        yield "tags", ", ".join(item.tags)
    if item.prices:
        yield "price", _prices(item)
    if item.stock is not None:
        yield "stock", number(item.stock)
    for name in ("published_at", "valid_from", "valid_until"):
        if text := getattr(item, name):
            yield name, text
    for name, value in item.fields.items():
        yield name, str(value)
    yield "changed", item.changed_at
    if item.gone_at:
        yield "gone", item.gone_at
