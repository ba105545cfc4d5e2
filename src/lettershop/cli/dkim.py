"""`lettershop dkim …`: the keys that letters are signed with, and the lines that DNS needs."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from lettershop.app import Workspace
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, number, print_json, say, show, table
from lettershop.delivery.dkim.folder import FOLDER, KeyFile, create as create_key, keys_of
from lettershop.delivery.dkim.keys import USUAL_BITS, Kind, dns_record, host_name, zone_line
from lettershop.delivery.dkim.signer import Signer
from lettershop.model.clock import Clock, FixedClock, SystemClock, format_instant, parse_instant

app = typer.Typer(no_args_is_help=True, help="DKIM: keys that sign letters, and their DNS lines.")


@app.command()
def create(
    domain: Annotated[
        str, typer.Argument(metavar="DOMAIN", help="The domain letters are from: example.com.")
    ],
    selector: Annotated[
        str, typer.Option(metavar="NAME", help="The key's name in DNS; default: of the month.")
    ] = "",
    kind: Annotated[
        Kind, typer.Option(help="ed25519 signs beside rsa, which every receiver knows.")
    ] = "rsa",
    bits: Annotated[int, typer.Option(help="Of RSA: 1024 to 4096.")] = USUAL_BITS,
    active_from: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Signs from then on; default: at once, after another key in two days.",
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key that signs letters of a domain, and print the line to add to DNS.

    The key stays in data/dkim/, readable by its owner alone.

    Examples:

        lettershop dkim create example.com

        lettershop dkim create example.com --selector spring --active-from 2027-03-01T00:00Z
    """
    folder = Workspace.find(workspace or Path())
    clock = SystemClock()
    made = create_key(
        folder / "data" / FOLDER,
        domain,
        selector,
        now=clock.now(),
        kind=kind,
        bits=bits,
        active_from=None if active_from is None else parse_instant(active_from),
    )
    if as_json:
        print_json(_record(made, _state(made, [made], clock)))
        return
    show(Text.assemble("key: ", (str(made.path), "bold")))
    say("Add this line to the zone, before the key signs:")
    sys.stdout.write(zone_line(made.key) + "\n")
    hint(f"in a form: type TXT, name {made.key.dns_name}, value without quotes and brackets")
    hint(f"it signs from {format_instant(made.key.active_from)} on")


@app.command("show")
def show_(
    domain: Annotated[
        str | None, typer.Argument(metavar="DOMAIN", help="Only the keys of this domain.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the keys, which of them signs now, and the lines that DNS needs.

    Examples:

        lettershop dkim show

        lettershop dkim show example.com --json
    """
    folder = Workspace.find(workspace or Path()) / "data" / FOLDER
    clock = FixedClock(SystemClock().now())
    only = None if domain is None else host_name(domain)
    found = [one for one in keys_of(folder) if only in (None, one.key.domain)]
    states = [_state(one, found, clock) for one in found]
    if as_json:
        print_json({"keys": [_record(*pair) for pair in zip(found, states, strict=True)]})
        return
    if not found:
        hint("there is no key yet: lettershop dkim create DOMAIN")
        return
    made = table("domain", "selector", "key", "bits", "signs from", "state", right=("bits",))
    for one, state in zip(found, states, strict=True):
        key = one.key
        since = format_instant(key.active_from) if key.active_from else "–"
        style = "green" if state == "signs" else ""
        cells = (Text(key.domain), Text(key.selector), key.kind, number(key.bits), since)
        made.add_row(*cells, Text(state, style=style))
    show(made)
    sys.stdout.write("".join(f"{zone_line(one.key)}\n" for one in found))
    for warning in _warnings(found):
        say(warning, style="yellow")


def _state(one: KeyFile, among: Sequence[KeyFile], clock: Clock) -> str:
    """signs, waits, or replaced: by a newer key of its kind."""
    if one.key.active_from > clock.now():
        return "waits"
    signing = Signer([other.key for other in among], clock=clock).active(one.key.domain)
    return "signs" if one.key in signing else "replaced"


def _warnings(found: Sequence[KeyFile]) -> Iterator[str]:
    for one in found:
        if one.open_to_others:
            yield f"{one.path} can be read by others: chmod 600 it, and think of a new key"
        if one.key.kind == "rsa" and one.key.bits < USUAL_BITS:
            yield f"{one.path} has {one.key.bits:,} bits; providers want {USUAL_BITS:,}"


def _record(one: KeyFile, state: str) -> dict[str, object]:
    key = one.key
    return {
        "domain": key.domain,
        "selector": key.selector,
        "kind": key.kind,
        "bits": key.bits,
        "active_from": format_instant(key.active_from) if key.active_from else None,
        "state": state,
        "path": str(one.path),
        "open_to_others": one.open_to_others,
        "dns": {"name": key.dns_name, "type": "TXT", "value": dns_record(key)},
        "zone": zone_line(key),
    }
