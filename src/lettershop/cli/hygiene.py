"""`lettershop address …`: which addresses are worth writing to."""

import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from lettershop.cli.doors import opened
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, number, print_json, share, show, table
from lettershop.model.errors import InputError, UsageError, WorkspaceError
from lettershop.profile.hygiene.report import Example, StateCount
from lettershop.profile.hygiene.verdict import Judge, Verdict

app = typer.Typer(no_args_is_help=True, help="Addresses: mistyped, role, disposable, outdated.")

STYLE = {"invalid": "red", "mistyped": "yellow", "outdated": "red", "ok": "green"}


@app.command()
def check(
    addresses: Annotated[
        list[str],
        typer.Argument(metavar="ADDRESS…", help="Addresses; or a file with one per line; - reads."),
    ],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge addresses by themselves: syntax, slips, role accounts, disposable domains.

    No network is asked. In a workspace its own frequent domains are known too; of a CSV file the
    first column with an address counts.

    Examples:

        lettershop address check ann@gmial.com info@acme.example

        lettershop address check attendees.csv --json
    """
    found = _judged(_texts(addresses), workspace, as_json=as_json)
    if as_json:
        print_json({"items": found})
        return
    made = table("address", "state", "suggestion", "why")
    for said in found:
        state = Text(said.state, style=STYLE.get(said.state, ""))
        why = "; ".join(reason.message for reason in said.reasons)
        made.add_row(Text(said.address), state, Text(said.suggestion or ""), Text(why))
    show(made)


@app.command()
def report(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Count the addresses of all contacts by state, with examples and what to do.

    A running server judges them in the background; without one they are judged now. The states
    are the field address_state of contacts, for segments.

    Examples:

        lettershop address report
    """
    with opened(workspace, as_json=as_json, say_age=False) as (shop, _):
        found = shop.address_report()
    if as_json:
        print_json(found)
        return
    made = table("state", "contacts", "share", "such as", "what to do", right=("contacts", "share"))
    for state in found.states:
        if state.contacts:
            made.add_row(*_row(state, found.addresses))
    show(made)
    if found.waiting:
        hint(f"{number(found.waiting)} of {number(found.addresses)} are not judged yet")


@app.command()
def explain(
    who: Annotated[str, typer.Argument(metavar="WHO", help="A user id or address of a contact.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say why the address of a contact is in its state, and what it was before.

    Examples:

        lettershop address explain ann@acme.example
    """
    with opened(workspace, as_json=as_json, say_age=False) as (shop, _):
        told = shop.explain_address(who)
    if as_json:
        print_json(told)
        return
    show(
        Text.assemble(
            (told.address or f"{told.contact} has no address", "bold"), f"  {told.state or ''}"
        )
    )
    made = table("", "what is looked at", "says")
    if told.verdict is not None:
        why = "; ".join(r.message for r in told.verdict.reasons) or "nothing against it"
        made.add_row(_mark(told.verdict.state != "ok"), "the address itself", Text(why))
    for rule in told.rules:
        said = rule.state if rule.counts else "of an earlier address" if rule.holds else "no"
        made.add_row(_mark(rule.counts), Text(rule.label), said)
    show(made)
    for change in told.changes:
        show(Text(f"{change.at}  {change.state or 'no address'}"))


def _mark(speaks: bool) -> Text:
    return Text("✗", style="red") if speaks else Text("✓", style="green")


def _row(state: StateCount, all_: int) -> tuple[str | Text, ...]:
    examples = Text("\n".join(_told(e) for e in state.examples[: 1 if state.state == "ok" else 3]))
    name = Text(state.state, style=STYLE.get(state.state, ""))
    return name, number(state.contacts), share(state.contacts, all_), examples, Text(state.advice)


def _told(example: Example) -> str:
    meant = f" → {example.suggestion}" if example.suggestion else ""
    return f"{example.address}{meant}"


def _judged(texts: Sequence[str], workspace: Path | None, *, as_json: bool) -> Sequence[Verdict]:
    """By the lists alone where there is no workspace and none was named."""
    for text in texts:
        if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
            raise UsageError("usage", "an argument is not valid text", where=ascii(text))
    try:
        with opened(workspace, as_json=as_json, say_age=False) as (shop, _):
            return shop.check_addresses(texts)
    except WorkspaceError as error:
        if workspace is not None or error.code != "workspace.absent":
            raise
    judge = Judge()
    return [judge.verdict(text) for text in texts]


def _texts(said: Sequence[str]) -> list[str]:
    if said == ["-"]:
        return _from_lines(sys.stdin.read().splitlines(), "-")
    if len(said) == 1 and "@" not in said[0]:
        path = Path(said[0])
        if path.is_file():
            return _from_lines(_read(path).splitlines(), said[0])
    return [*said]


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("addresses.encoding", "it is not UTF-8", where=str(path)) from None


def _from_lines(lines: Sequence[str], where: str) -> list[str]:
    found = [*_cells(lines)]
    if not found:
        raise UsageError("addresses.nothing", "there is no address in it", where=where)
    return found


def _cells(lines: Sequence[str]) -> Iterator[str]:
    """Of each line the column in which the first @ was seen; the lines before it are headings."""
    column: int | None = None
    for cells in csv.reader(lines):
        if column is None:
            column = next((i for i, cell in enumerate(cells) if "@" in cell), None)
        if column is not None and column < len(cells) and cells[column].strip():
            yield cells[column].strip()
