"""`lettershop person …`: what is held about somebody, and forgetting them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Protocol
from urllib.parse import quote

import typer
from rich.text import Text

from lettershop.access.audit import LOCAL
from lettershop.app import records
from lettershop.app.compliance import Compliance
from lettershop.app.shop import LocalShop
from lettershop.cli.doors import opened
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, print_json, show
from lettershop.cli.remote import RemoteShop
from lettershop.compliance.person import Erasure, PersonExport
from lettershop.model.errors import UsageError

app = typer.Typer(no_args_is_help=True, help="A person's rights: export and erasure (GDPR).")
Who = Annotated[
    str, typer.Argument(metavar="WHO", help="A user id, an address, or an identity (user:U17).")
]


class Rights(Protocol):
    """Who answers: the folder, or the running server."""

    def export(self, who: str) -> PersonExport: ...
    def erase(self, who: str) -> Erasure: ...


@app.command()
def export(who: Who, workspace: WorkspaceOption = None) -> None:
    """Print everything that is held about a person as one JSON document.

    Examples:

        lettershop person export ann@example.com > ann.json
    """
    with _opened(workspace) as rights:
        print_json(rights.export(who))


@app.command()
def erase(
    who: Who,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Forget a person for good: they are never mailed again, and what remains is listed.

    Examples:

        lettershop person export ann@example.com > ann.json

        lettershop person erase ann@example.com
    """
    if not yes:
        _ask(who)
    with _opened(workspace) as rights:
        done = rights.erase(who)
    if as_json:
        print_json(done)
        return
    show(Text.assemble((who, "bold"), " is forgotten, and is not written to again. What remains:"))
    for one in done.remains:
        show(Text(f"  – {one}"))


def _ask(who: str) -> None:
    if not sys.stdin.isatty():
        message = "erasing cannot be undone, and nobody can be asked here"
        raise UsageError("person.unasked", message, hint="add --yes when it is meant")
    hint("it cannot be undone; export them first if you have to answer them")
    if typer.prompt(f"Write {who} once more to erase them", err=True).strip() != who:
        raise UsageError("person.other", "that was another name; nothing was erased")


class _Here:
    """The workspace is open in this process."""

    def __init__(self, shop: LocalShop) -> None:
        self._workspace = shop.workspace
        self._desk = Compliance(shop.path, shop.workspace.settings)

    def export(self, who: str) -> PersonExport:
        return self._desk.export(self._workspace, who, LOCAL)

    def erase(self, who: str) -> Erasure:
        return self._desk.erase(self._workspace, who, LOCAL)


class _There:
    """A server has it open."""

    def __init__(self, shop: RemoteShop) -> None:
        self._shop = shop

    def export(self, who: str) -> PersonExport:
        return self._shop.ask("GET", f"/persons/{quote(who, safe='')}", PersonExport)

    def erase(self, who: str) -> Erasure:
        return self._shop.ask("POST", f"/persons/{quote(who, safe='')}/erase", Erasure)


@contextmanager
def _opened(workspace: Path | None) -> Iterator[Rights]:
    with opened(workspace, as_json=True, say_age=False) as (shop, _):
        match shop:
            case RemoteShop():
                yield _There(shop)
            case LocalShop():
                records.connect(shop.path, shop.workspace.settings)
                try:
                    records.migrate()
                    yield _Here(shop)
                finally:
                    records.disconnect()
            case _:
                raise TypeError(f"no rights are known of {type(shop).__name__}")
