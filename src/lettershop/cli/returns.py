"""`lettershop returns …`: what came back, explained; the rules behind it, checked."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from lettershop.cli.options import JsonOption
from lettershop.cli.output import hint, number, print_json, show, table
from lettershop.delivery.returns.checking import check as check_rules, check_words
from lettershop.delivery.returns.reading import read
from lettershop.delivery.returns.rules import FILE, Rule, loaded, packaged, packaged_text
from lettershop.delivery.returns.said import Affected, Return
from lettershop.delivery.said import FAULT
from lettershop.model.errors import DefinitionError, InputError

app = typer.Typer(no_args_is_help=True, help="What comes back: bounces, complaints, replies.")

MOST: Final = 50_000_000
"""Bytes of a file that are read; a mail itself is cut at two million."""


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Mails, as .eml files.")],
    as_json: JsonOption = False,
) -> None:
    """Read mails that came back and say what each of them means.

    Nothing is suppressed, counted or sent: it only tells what would be understood.

    Examples:

        lettershop returns check bounce.eml

        lettershop returns check bounces/*.eml --json
    """
    found = [(path, read(_bytes(path))) for path in files]
    if as_json:
        print_json({"items": [{"file": str(path), "return": one} for path, one in found]})
        return
    made = table("file", "means", "who", "rule", "what was said")
    for path, one in found:
        for row in _rows(one):
            made.add_row(*map(Text, (path.name, *row)))
    show(made)


@app.command()
def rules(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Other rules than those that come along.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check the rules by which refusals are understood: each example must fall to its own rule.

    Examples:

        lettershop returns rules

        lettershop returns rules my-bounces.toml
    """
    text = packaged_text() if file is None else _text(file)
    findings = check_rules(text, FILE if file is None else str(file))
    findings += [] if file else check_words()
    if findings:
        raise DefinitionError(findings)
    known = packaged().rules if file is None else loaded(text)
    if as_json:
        print_json({"rules": len(known), "examples": _examples(known), "findings": []})
        return
    made = table("class", "rules", "examples", "fault", right=("rules", "examples"))
    for name, count in Counter(rule.bounce_class for rule in known).items():
        own = [rule for rule in known if rule.bounce_class == name]
        made.add_row(Text(name), number(count), number(_examples(own)), FAULT[name])
    show(made)
    hint(f"{number(len(known))} rules are sound")


def _rows(found: Return) -> list[tuple[str, str, str, str]]:
    if not found.affected:
        back = f"back on {found.back}" if found.back else ""
        said = "; ".join(filter(None, (back, found.snippet)))
        return [(found.kind, found.sender, found.rule, said)]
    return [
        (_means(found, one), one.address, one.rule or found.rule, one.diagnostic)
        for one in found.affected
    ]


def _means(found: Return, one: Affected) -> str:
    if found.kind != "bounce":
        return found.kind
    return f"{found.kind}: {one.bounce_class} (fault: {FAULT[one.bounce_class]})"


def _examples(known: Sequence[Rule]) -> int:
    return sum(len(rule.examples) for rule in known)


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST)


def _text(path: Path) -> str:
    try:
        return _bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        raise InputError("bounces.encoding", "it is not UTF-8", where=str(path)) from None
