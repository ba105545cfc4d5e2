"""The page about the command line, and a reading of commands that tests use too."""

import shlex
from collections.abc import Iterator
from typing import Any, NamedTuple

import typer

from lettershop.cli.main import app

INTRODUCTION = """# The command line

{note}Every command says the same about itself with `--help`. Exit codes and error codes are in
[Errors and findings](errors.md).
"""


class Command(NamedTuple):
    """`words` are what is typed after `lettershop`; `parameters` come from typer."""

    words: tuple[str, ...]
    help: str
    parameters: tuple[Any, ...]

    @property
    def options(self) -> set[str]:
        return {o for p in self.parameters for o in (*p.opts, *p.secondary_opts) if o[0] == "-"}


def commands() -> list[Command]:
    """Every command that does something, in the order of `--help`."""

    def walk(command: Any, words: tuple[str, ...]) -> Iterator[Command]:
        for name, below in getattr(command, "commands", {}).items():
            yield from walk(below, (*words, name))
        if not getattr(command, "commands", None) and not command.hidden:
            shown = tuple(p for p in command.params if not getattr(p, "hidden", False))
            yield Command(words, command.help or "", shown)

    return list(walk(typer.main.get_command(app), ()))


def fault(line: str) -> str | None:
    """What is wrong with a line someone is told to type, or None. `line` begins with lettershop."""
    words = shlex.split(line, comments=True)[1:]
    options = {w.partition("=")[0] for w in words if w.startswith("-") and len(w) > 1}
    if not words or set(words) == {"--help"}:
        return None
    found = [c for c in commands() if tuple(words[: len(c.words)]) == c.words]
    if not found:
        return f"there is no command “{' '.join(words[:2])}”"
    unknown = options - found[0].options - {"--help"}
    return f"{' '.join(found[0].words)} has no {', '.join(sorted(unknown))}" if unknown else None


def usage(command: Command) -> str:
    arguments = [p for p in command.parameters if p.param_type_name == "argument"]
    shown = [
        (f"{(p.metavar or p.name).upper()}" + ("…" if p.nargs == -1 else ""), p.required)
        for p in arguments
    ]
    words = ["lettershop", *command.words, *(n if needed else f"[{n}]" for n, needed in shown)]
    return " ".join([*words, "[OPTIONS]"] if len(arguments) < len(command.parameters) else words)


def row(parameter: Any) -> str:
    name = ", ".join(f"`{o}`" for o in (*parameter.opts, *parameter.secondary_opts))
    default = parameter.default
    shown = "" if default in (None, False, "", ()) or callable(default) else f" Default: {default}."
    if parameter.param_type_name == "argument":
        name = f"`{(parameter.metavar or parameter.name).upper()}`"
    said = " ".join((parameter.help or "").split())
    return f"| {name} | {said}{shown} |\n".replace("\\|", "|")


def section(command: Command) -> str:
    rows = "".join(row(p) for p in command.parameters)
    return (
        f"\n## lettershop {' '.join(command.words)}\n\n"
        f"```text\n{usage(command)}\n```\n\n{command.help.strip()}\n"
        + (f"\n| | |\n| --- | --- |\n{rows}" if rows else "")
    )


def commands_page(note: str) -> str:
    return INTRODUCTION.format(note=note) + "".join(section(c) for c in commands())
