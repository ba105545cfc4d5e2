"""What commands about consent and suppression share: they go to the records themselves, beside a
running server or not, because what they say must hold at once."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from lettershop.app import Workspace
from lettershop.app.compliance import Compliance
from lettershop.cli.endings import Failed
from lettershop.cli.output import console, number, print_findings, print_json, show
from lettershop.cli.records import opened_records
from lettershop.compliance.lists import Imported
from lettershop.compliance.words import SuppressionReason
from lettershop.model.clock import parse_instant

Address = Annotated[str, typer.Argument(metavar="EMAIL", help="An e-mail address.")]
Csv = Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file with a line of names.")]
ScopeOption = Annotated[
    str, typer.Option("--scope", metavar="SCOPE", help="all, stream:NAME or topic:NAME.")
]
ReasonOption = Annotated[SuppressionReason, typer.Option("--reason", help="Why.")]
UntilOption = Annotated[
    str | None, typer.Option("--until", metavar="TIME", help="Ends by itself then; else never.")
]


@contextmanager
def opened_compliance(workspace: Path | None) -> Iterator[Compliance]:
    """The records of a command's workspace, and what consent.toml says."""
    with opened_records(workspace) as settings:
        yield Compliance(Workspace.find(workspace or Path(os.curdir)), settings)


def instant(text: str | None) -> int | None:
    return None if text is None else parse_instant(text)


def imported(steps: Iterator[Imported], what: str, *, as_json: bool) -> Imported:
    """A list taken in, with a bar that counts its rows."""
    done = Imported(0, 0, ())
    with Progress(console=console(stderr=True)) as bar:
        task = bar.add_task(what, total=None, visible=not as_json)
        for done in steps:
            bar.update(task, completed=done.rows)
        bar.update(task, total=max(done.rows, 1), completed=max(done.rows, 1))
    return done


def tell_imported(done: Imported, *, as_json: bool) -> None:
    """Exit code 1 when some of it was refused."""
    if as_json:
        print_json(done)
    else:
        print_findings(done.findings, console(stderr=True))
        refused = len(done.findings)
        known = done.rows - done.new - refused
        show(f"{number(done.new)} new, {number(known)} known before, {number(refused)} refused.")
    if done.findings:
        raise Failed(1)
