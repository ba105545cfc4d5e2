"""`lettershop doctor DOMAIN`: what DNS and servers say about a domain that letters are from."""

import asyncio
import sys
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from lettershop.app import Workspace
from lettershop.cli.endings import Failed
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, print_json, show
from lettershop.delivery.dkim.folder import FOLDER, keys_of
from lettershop.delivery.dkim.keys import dns_record, host_name
from lettershop.delivery.doctor import Diagnosis, DnsNames, Question, examine
from lettershop.delivery.doctor.asked import Selector
from lettershop.model.errors import UsageError, WorkspaceError
from lettershop.profile.hygiene.knowledge import knowledge

SICK = 1
"""Exit code when something should be put right before letters leave."""


def doctor(
    domain: Annotated[
        str, typer.Argument(metavar="DOMAIN", help="The domain letters are from: example.com.")
    ],
    selector: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A DKIM key; default: those of the workspace."),
    ] = None,
    ip: Annotated[
        list[str] | None,
        typer.Option("--ip", metavar="ADDRESS", help="Where letters leave from; several are fine."),
    ] = None,
    returns: Annotated[
        str, typer.Option(metavar="DOMAIN", help="Of the return address; default: DOMAIN.")
    ] = "",
    resolver: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Ask this DNS server; default: the machine's.")
    ] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check what receivers of letters ask for: SPF, DKIM, DMARC, PTR, TLS, MX and more.

    Says what is there, what is wrong, and the lines to add to DNS. Nothing is changed. Exit code 1
    when something should be put right before letters leave.

    Examples:

        lettershop doctor example.com

        lettershop doctor example.com --ip 192.0.2.10 --selector ls202611 --json
    """
    name = host_name(domain)
    question = Question(
        domain=name,
        selectors=_selectors(name, selector or [], workspace),
        ips=tuple(_address(one) for one in ip or []),
        envelope=host_name(returns) if returns else "",
    )
    server, port = _resolver(resolver)
    found = asyncio.run(_examined(question, server, port))
    if as_json:
        print_json({"domain": name, "checks": found})
    else:
        _tell(found)
    if any(one.ok is False and one.level == "block" for one in found):
        raise Failed(SICK)


async def _examined(question: Question, server: str, port: int) -> list[Diagnosis]:
    names = DnsNames([server] if server else [], port)
    return await examine(question, names, is_free=lambda domain: domain in knowledge().free)


def _selectors(domain: str, said: Sequence[str], workspace: Path | None) -> tuple[Selector, ...]:
    """With our own keys' records where they are known; without any said, all keys of the domain, or
    of the nearest one above it, as in signing."""
    try:
        keys = [one.key for one in keys_of(Workspace.find(workspace or Path()) / "data" / FOLDER)]
    except WorkspaceError as error:
        if workspace is not None or error.code != "workspace.absent":
            raise
        keys = []
    labels = domain.split(".")
    places = [".".join(labels[at:]) for at in range(len(labels))]
    place = next((one for one in places if any(key.domain == one for key in keys)), domain)
    own = {
        key.selector: Selector(key.selector, dns_record(key), place)
        for key in keys
        if key.domain == place
    }
    if not said:
        return tuple(own.values())
    return tuple(own.get(name, Selector(name)) for name in map(host_name, said))


def _address(said: str) -> str:
    try:
        return str(ip_address(said))
    except ValueError:
        raise UsageError(
            "doctor.ip", f"“{said[:80]}” is not an IP address", hint="--ip 192.0.2.10"
        ) from None


def _resolver(said: str) -> tuple[str, int]:
    """(IP address, port); ("", 53) for the machine's own."""
    if not said:
        return "", 53
    host, colon, port = said.rpartition(":") if said.count(":") == 1 else ("", "", "")
    if said.startswith("["):
        host, colon, port = said[1:].partition("]:")
    server, number = (host, port) if colon else (said, "53")
    try:
        if 0 < int(number) < 65_536:
            return str(ip_address(server)), int(number)
    except ValueError:
        pass
    raise UsageError(
        "doctor.resolver", f"“{said[:80]}” is not a DNS server", hint="--resolver 192.0.2.53:53"
    )


def _tell(found: Sequence[Diagnosis]) -> None:
    for one in found:
        show(Text.assemble(_mark(one), " ", (one.title, "bold"), (f"  {one.id}", "dim")))
        show(Text(f"  {one.found}"))
        if one.fix:
            show(Text.assemble(("  try: ", "green"), one.fix, (f" ({one.source})", "dim")))
        sys.stdout.write("".join(f"    {line}\n" for line in one.dns))
    wrong = [one for one in found if one.ok is False]
    blocking = sum(one.level == "block" for one in wrong)
    warned = sum(one.level == "warn" for one in wrong)
    unknown = sum(one.ok is None for one in found)
    hint(f"{blocking} to put right first, {warned} warnings, {unknown} not known")


def _mark(one: Diagnosis) -> Text:
    match one.ok, one.level:
        case True, _:
            return Text("✓", style="green")
        case None, _:
            return Text("?", style="cyan")
        case _, "block":
            return Text("✗", style="bold red")
        case _, "warn":
            return Text("!", style="yellow")
        case _:
            return Text("·", style="dim")
