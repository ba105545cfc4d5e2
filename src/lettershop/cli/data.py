"""`lettershop import` and `lettershop catalog`: data in, and what has been learned from it."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from lettershop.app.mappings import write_guess
from lettershop.cli.arrivals import imports_view, progress_bar, report_record
from lettershop.cli.doors import opened
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, number, print_json, say, show, table
from lettershop.ingest.report import ImportReport
from lettershop.model.catalog import Catalog, FieldInfo
from lettershop.model.clock import format_instant
from lettershop.model.errors import UsageError

EXAMPLES = 60
"""Characters of frequent values in the catalog's tables."""


def import_(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILES", help="CSV, TSV, JSON Lines or Parquet; also gzipped."),
    ],
    mapping: Annotated[
        Path | None,
        typer.Option(
            "--map",
            metavar="FILE",
            help="The mapping; default: FILE's name with .toml, else a guess.",
        ),
    ] = None,
    guess: Annotated[
        bool, typer.Option("--guess", help="Only write a mapping from a look at the file.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Import although this file was imported before.")
    ] = False,
    refused: Annotated[
        Path | None,
        typer.Option(
            "--refused", metavar="FILE", help="Where refused rows go; default: data/refused/."
        ),
    ] = None,
    allow_refused: Annotated[
        bool, typer.Option("--allow-refused", help="Go on even if most rows are refused.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import files: each is stored whole or not at all, refused rows are written with reasons.

    A file that was imported before is recognised by its content and left alone.

    Examples:

        lettershop import orders.parquet --guess

        lettershop import orders.parquet --map orders.toml

        lettershop import contacts.csv events.jsonl.gz --refused refused.csv
    """
    with opened(workspace, as_json=as_json, say_age=False) as (shop, _):
        if guess:
            _guess(files, mapping, as_json=as_json)
            return
        reports: list[ImportReport] = []
        try:
            with progress_bar(shown=not as_json) as tell:
                for file in files:
                    reports.append(
                        shop.import_file(
                            file,
                            mapping,
                            again=again,
                            allow_refused=allow_refused,
                            refused=refused,
                            progress=partial(tell, file.name),
                        )
                    )
        finally:
            if reports and not as_json:
                show(imports_view(reports))
        if as_json:
            print_json({"imports": [report_record(r) for r in reports]})


def _guess(files: list[Path], target: Path | None, *, as_json: bool) -> None:
    if target is not None and len(files) > 1:
        raise UsageError("import.one_map", "--guess with --map takes one file")
    written = [(file, write_guess(file, target)) for file in files]
    if as_json:
        mappings = [
            {"file": str(file), "mapping": str(path), "doubts": doubts}
            for file, (path, doubts) in written
        ]
        print_json({"mappings": mappings})
        return
    for file, (path, doubts) in written:
        show(Text.assemble("mapping written: ", (str(path), "bold")))
        for doubt in doubts:
            say(f"  not certain: {doubt}", style="yellow")
        hint(f"read it, change it, then: lettershop import {file} --map {path}")


def rates(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV with the columns day,source,target,rate.")
    ],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Replace the exchange rates that `sum of revenue in EUR over …` converts with.

    Examples:

        lettershop rates rates.csv
    """
    with opened(workspace, as_json=as_json, say_age=False) as (shop, _):
        count = shop.import_rates(file)
        if as_json:
            print_json({"rates": count})
        else:
            show(f"{number(count)} rates stored")


def catalog(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Show the fields and events that conditions can use: types, counts, frequent values.

    “wrong” counts values that were not of their field's type: they are missing to every segment.

    Examples:

        lettershop catalog

        lettershop catalog --json
    """
    with opened(workspace, as_json=as_json, say_age=False) as (shop, _):
        known = shop.catalog()
        if as_json:
            print_json(known)
        elif not any(True for _ in known.everything()) and not known.events:
            hint("nothing is known yet: lettershop import FILE --guess")
        else:
            show(*_tables(known))


def _tables(known: Catalog) -> Iterator[Table | str]:
    for title, prefix, fields in _groups(known):
        yield _fields(title, prefix, fields)
        yield ""
    made = table("event", "rows", "first", "last", "properties", right=("rows",))
    made.title = "Events"
    for event in known.events.values():
        made.add_row(
            Text(f'"{event.name}"', style="bold"),
            number(event.rows),
            _day(event.first_ts),
            _day(event.last_ts),
            Text(", ".join(_property(info) for info in event.properties.values())),
        )
    yield made


def _groups(known: Catalog) -> Iterator[tuple[str, str, list[FieldInfo]]]:
    yield "Contacts", "", [*known.contact.values()]
    yield "Accounts (in contact segments: account.…)", "", [*known.account.values()]
    yield "Memberships", "membership.", [*known.membership.values()]
    for record in known.records.values():
        yield f"Records: {record.kind} ({number(record.rows)})", "", [*record.fields.values()]


def _fields(title: str, prefix: str, fields: list[FieldInfo]) -> Table:
    made = table("field", "type", "known", "wrong", "frequent values", right=("known", "wrong"))
    made.title = title
    for info in fields:
        wrong = Text(number(info.wrong), style="yellow" if info.wrong else "dim")
        name = Text(prefix + info.name, style="bold")
        made.add_row(name, info.type, number(info.known), wrong, Text(_examples(info)))
    return made


def _examples(info: FieldInfo) -> str:
    text = ", ".join(info.currencies)
    for value in () if text else info.values:
        longer = f"{text}, {value}" if text else value
        if len(longer) > EXAMPLES:
            return text + ", …" if text else longer[: EXAMPLES - 1] + "…"
        text = longer
    return text


def _property(info: FieldInfo) -> str:
    wrong = f", {number(info.wrong)} wrong" if info.wrong else ""
    return f"{info.name} ({info.type}{wrong})"


def _day(instant: int | None) -> str:
    return "–" if instant is None else format_instant(instant)[:10]
