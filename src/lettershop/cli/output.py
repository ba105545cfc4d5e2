"""What commands print and where: results on stdout, everything else on stderr.

In a terminal rich finds out width and colours; in a pipe the width is fixed and nothing is cut.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from lettershop.model.errors import DefinitionError, Finding, LettershopError

PIPE_WIDTH = 100
LEVEL_STYLE = {"error": "bold red", "warning": "yellow", "info": "cyan"}


def console(*, stderr: bool = False) -> Console:
    """Made anew for each use: tests and pipes replace the streams."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else int(os.environ.get("COLUMNS") or PIPE_WIDTH)
    return Console(stderr=stderr, width=width, highlight=False, emoji=False, soft_wrap=False)


@contextmanager
def page() -> Iterator[Console]:
    """A console for results on stdout; in a pipe without the spaces rich fills lines with."""
    out = console()
    if out.is_terminal:
        yield out
        return
    with out.capture() as captured:
        yield out
    lines = captured.get().split("\n")
    sys.stdout.write("\n".join(line.rstrip() for line in lines))


def show(*renderables: RenderableType) -> None:
    """Results, one below the other."""
    with page() as out:
        for renderable in renderables:
            out.print(renderable)


def table(*columns: str, right: Sequence[str] = (), title: str = "") -> Table:
    """An airy table; nothing in it is ever cut, long texts wrap. `right` columns hold numbers."""
    made = Table(box=SIMPLE_HEAD, show_edge=False, title=title or None)
    made.title_justify, made.title_style = "left", "bold"
    for name in columns:
        if name in right:
            made.add_column(name, justify="right", no_wrap=True)
        else:
            made.add_column(name, overflow="fold")
    return made


def number(value: float | None) -> str:
    return "–" if value is None else f"{value:,}"


def share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"


def print_json(value: object) -> None:
    """One JSON document and nothing else."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=2)
    sys.stdout.write(text.decode() + "\n")


def say(*parts: str | Text, style: str = "") -> None:
    """A line for the human, on stderr."""
    console(stderr=True).print(*[_text(part) for part in parts], style=style or None)


def hint(text: str) -> None:
    say(text, style="dim")


def _text(part: str | Text) -> Text:
    return Text(part) if isinstance(part, str) else part


def print_error(error: LettershopError, *, as_json: bool) -> None:
    """Once, on stderr."""
    if as_json:
        sys.stderr.write(msgspec.json.encode(error_record(error)).decode() + "\n")
        return
    out = console(stderr=True)
    if isinstance(error, DefinitionError):
        print_findings(error.findings, out)
        return
    head = Text("error: ", style="bold red")
    head.append(f"{error.where}: " if error.where else "", style="bold")
    head.append(error.message, style="none")
    head.append(f" [{error.code}]", style="dim")
    out.print(head, soft_wrap=True)
    if error.hint:
        out.print(Text("  try: ", style="green").append(error.hint, style="none"), soft_wrap=True)


def error_record(error: LettershopError) -> dict[str, object]:
    body: dict[str, object] = {
        "code": error.code,
        "message": error.message,
        "where": error.where,
        "hint": error.hint,
        "exit_code": error.exit_code,
    }
    if isinstance(error, DefinitionError):
        body["findings"] = error.findings
    return {"error": body}


def print_findings(findings: Iterable[Finding], out: Console) -> None:
    """Each as `file:line:column: level code: message`, which editors can follow; never wrapped."""
    for finding in findings:
        place = f"{finding.source}:" if finding.source else ""
        if finding.span:
            place += f"{finding.span.line}:{finding.span.column}:"
        line = Text(f"{place} " if place else "", style="bold")
        line.append(finding.level, style=LEVEL_STYLE[finding.level])
        line.append(f" {finding.code}: ", style="dim").append(finding.message, style="none")
        out.print(line, soft_wrap=True)
        if finding.hint:
            text = Text("    try: ", style="green").append(finding.hint, style="none")
            out.print(text, soft_wrap=True)
