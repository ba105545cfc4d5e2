"""Commands that are loaded when they are asked for. What `--help` says of each is read from its
source text, which is quick; a test compares it with what the loaded commands say."""

import ast
from collections.abc import Iterator, Mapping, MutableMapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Final, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

HERE: Final = Path(__file__).parent
ROOM: Final = "lettershop.cli"


class Place(NamedTuple):
    """A module of this room and what in it: a command (a function), or a group (`app`); `more`:
    commands of that group that stand in other modules."""

    module: str
    name: str = "app"
    more: "Mapping[str, Place]" = MappingProxyType({})

    def found(self) -> Any:
        return getattr(import_module(f"{ROOM}.{self.module}"), self.name)


class Loaded(MutableMapping[str, Any]):
    """Commands by name, each loaded at its first use."""

    def __init__(self, places: Mapping[str, Place]) -> None:
        self._places, self._commands = places, dict[str, Any]()

    def __getitem__(self, name: str) -> Any:
        if name not in self._commands:
            self._commands[name] = load(name, self._places[name])
        return self._commands[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._commands[name] = command

    def __delitem__(self, name: str) -> None:
        del self._commands[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


class Places(TyperGroup):
    """A group whose commands are at `places`."""

    places: ClassVar[Mapping[str, Place]] = {}

    def __init__(self, **said: Any) -> None:
        super().__init__(**said)
        self.commands = Loaded(self.places)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Without loading anything."""
        loaded = self.commands
        self.commands = {
            name: TyperCommand(name=name, help=sentence(place))
            for name, place in self.places.items()
        }
        try:
            super().format_help(ctx, formatter)
        finally:
            self.commands = loaded


def load(name: str, place: Place) -> Any:
    """The command or group as typer would have made it within an app."""
    found = place.found()
    parent = typer.Typer(rich_markup_mode="markdown", pretty_exceptions_enable=False)
    parent.callback()(_nothing)
    if isinstance(found, typer.Typer):
        known = {one.name for one in found.registered_commands}
        for below, elsewhere in place.more.items():
            if below not in known:
                found.command(below)(elsewhere.found())
        parent.add_typer(found, name=name)
    else:
        parent.command(name)(found)
    return getattr(typer.main.get_command(parent), "commands")[name]  # noqa: B009


def _nothing() -> None:
    pass


def sentence(place: Place) -> str:
    """What is said of it in a list: the `help` of a group, the docstring of a command."""
    for node in _module(place.module).body:
        match node:
            case ast.FunctionDef(name=place.name):
                return ast.get_docstring(node) or ""
            case ast.Assign(targets=[ast.Name(id=place.name)], value=ast.Call(keywords=keywords)):
                said = next(one.value for one in keywords if one.arg == "help")
                return str(ast.literal_eval(said))
    raise LookupError(f"{place.module}.{place.name} is not there")


@cache
def _module(name: str) -> ast.Module:
    return ast.parse((HERE / f"{name}.py").read_text("utf-8"))
