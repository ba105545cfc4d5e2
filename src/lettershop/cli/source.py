"""`lettershop source …`: what sends us facts, and the write keys they send with."""

from typing import Annotated, Literal

import typer
from rich.text import Text

from lettershop.access.keys import create_key, create_source, find_source, revoke_key
from lettershop.access.models import Source, WriteKey
from lettershop.app.connecting import Lines, address, connecting_lines
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, page, print_json, show, table
from lettershop.cli.records import opened_records, seen, when
from lettershop.model.settings import Settings

app = typer.Typer(no_args_is_help=True, help="What sends events, and its write keys.")

Kind = Literal["website", "server", "import", "api"]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Lower case with “-”, as in www-shop.")]


@app.command()
def add(
    name: Name,
    kind: Annotated[Kind, typer.Option(help="What it is.")] = "server",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a source and its first write key, printed once with lines to paste.

    Examples:

        lettershop source add www --kind website
    """
    with opened_records(workspace) as settings:
        source = create_source(name, kind)
        key, secret = create_key(source)
        _tell(source, key, secret, settings, as_json=as_json)


@app.command()
def key(name: Name, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Make another write key for a source, to replace one without a gap.

    Examples:

        lettershop source key www
    """
    with opened_records(workspace) as settings:
        source = find_source(name)
        made, secret = create_key(source)
        _tell(source, made, secret, settings, as_json=as_json)


@app.command("list")
def list_(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List sources with their keys, those that are revoked too.

    Examples:

        lettershop source list
    """
    with opened_records(workspace):
        sources = [*Source.objects.prefetch_related("keys")]
    if as_json:
        print_json({"sources": [record(source) for source in sources]})
        return
    made = table("source", "kind", "last event", "key begins with", "key last used")
    for source in sources:
        first = (source.name, source.kind, seen(source.last_used))
        for one in source.keys.all() or [None]:
            made.add_row(*first, *_cells(one))
            first = ("", "", "")
    show(made)


@app.command("revoke-key")
def revoke(
    prefix: Annotated[str, typer.Argument(metavar="KEY", help="The key, or how it begins.")],
    source: Annotated[str | None, typer.Option(metavar="NAME", help="The source it is of.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a write key open nothing; a running server knows within 2 seconds.

    Examples:

        lettershop source revoke-key ls_wk_q7Gx2a
    """
    with opened_records(workspace):
        found = revoke_key(prefix, source=source)
        name = found.source.name
    if as_json:
        print_json({"source": name} | key_record(found))
    else:
        show(Text.assemble("The key ", (found.prefix, "bold"), f"… of {name} opens nothing."))


def record(source: Source) -> dict[str, object]:
    return {
        "name": source.name,
        "kind": source.kind,
        "created": when(source.created),
        "last_used": when(source.last_used),
        "keys": [key_record(key) for key in source.keys.all()],
    }


def key_record(key: WriteKey) -> dict[str, object]:
    return {
        "prefix": key.prefix,
        "created": when(key.created),
        "last_used": when(key.last_used),
        "revoked": when(key.revoked),
    }


def _cells(key: WriteKey | None) -> tuple[str, str]:
    if key is None:
        return "none", ""
    used = f"revoked {seen(key.revoked)}" if key.revoked else seen(key.last_used)
    return key.prefix, used


def _tell(source: Source, key: WriteKey, secret: str, settings: Settings, *, as_json: bool) -> None:
    url = address(settings)
    if as_json:
        print_json({"source": source.name, "kind": source.kind, "write_key": secret, "url": url})
        return
    show(Text.assemble("write key of ", (source.name, "bold"), ": ", (secret, "bold")))
    hint("it is shown this once; paste one of these:")
    wanted = ("Website",) if source.kind == "website" else ("curl", "Python")
    for lines in connecting_lines(url, secret):
        if lines.title in wanted:
            _paste(lines)


def _paste(lines: Lines) -> None:
    """Never wrapped: half a line would not work."""
    with page() as out:
        out.print()
        out.print(Text(f"# {lines.title}: {lines.place}", style="dim"), soft_wrap=True)
        out.print(Text(lines.text), soft_wrap=True)
