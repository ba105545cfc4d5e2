"""`lettershop providers …`: what is known of those who receive mail."""

import asyncio
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from lettershop.app.workspace import Workspace
from lettershop.cli.endings import Failed
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, number, print_json, show, table
from lettershop.delivery.providers.checking import check as check_list
from lettershop.delivery.providers.knowledge import Knowledge, Provider, of_workspace, packaged
from lettershop.delivery.providers.whose import Whose
from lettershop.delivery.smtp.envelope import Envelope, domain as domain_of
from lettershop.delivery.smtp.exchanges import Book, DnsResolver
from lettershop.delivery.wire import Reply
from lettershop.model.errors import WorkspaceError

app = typer.Typer(no_args_is_help=True, help="Receiving providers: limits, rules, warm-up plans.")


class Found(msgspec.Struct, frozen=True):
    """Of a domain. `problem`: why it gets no mail."""

    domain: str
    pool: str = ""
    label: str = ""
    gateway: bool = False
    servers: tuple[str, ...] = ()
    problem: str = ""


@app.command("list")
def list_(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the providers and how much they get at once.

    Examples:

        lettershop providers list
    """
    known = _knowledge(workspace)
    if as_json:
        print_json({"items": {"usual": known.usual, **known.provider}})
        return
    right = "connections", "messages each", "per minute"
    made = table("name", "provider", *right, "encryption", right=right)
    for name, provider in known.provider.items():
        made.add_row(name, *_row(provider))
    made.add_row("", "every other", *_row(known.usual)[1:])
    show(made)


@app.command()
def plans(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the warm-up plans: how many letters each provider gets on day 1, 2, 3 …

    Examples:

        lettershop providers plans
    """
    known = _knowledge(workspace)
    if as_json:
        print_json({"items": known.plan})
        return
    made = table("name", "for", "days")
    for name, plan in known.plan.items():
        made.add_row(name, Text(plan.label), " ".join(number(day) for day in plan.days))
    show(made)


@app.command()
def check(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Check the list, with the workspace's own providers.toml: every example by its own rule.

    Examples:

        lettershop providers check
    """
    known = _knowledge(workspace)
    findings = check_list(known)
    if as_json:
        print_json({"findings": findings})
    else:
        for finding in findings:
            show(Text(str(finding)))
    if findings:
        raise Failed(3)
    rules = sum(len(one.reply) for one in known.provider.values()) + len(known.reply)
    if not as_json:
        hint(f"{len(known.provider)} providers, {rules} rules: every example is decided by its own")


@app.command()
def of(
    domains: Annotated[
        list[str], typer.Argument(metavar="DOMAIN…", help="Domains, or addresses there.")
    ],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask DNS who receives the mail of domains, and which pool they are in.

    Examples:

        lettershop providers of gmail.com ann@acme.example
    """
    found = asyncio.run(_all(_knowledge(workspace), domains))
    if as_json:
        print_json({"items": found})
        return
    made = table("domain", "pool", "provider", "servers")
    for one in found:
        label = f"{one.label}{' (a gateway)' if one.gateway else ''}"
        last = Text(one.problem, style="red") if one.problem else Text("\n".join(one.servers))
        made.add_row(Text(one.domain), Text(one.pool), Text(label), last)
    show(made)


async def _all(known: Knowledge, domains: list[str]) -> list[Found]:
    book = Book(DnsResolver())
    return [*await asyncio.gather(*(_found(known, book, one) for one in domains))]


async def _found(known: Knowledge, book: Book, said: str) -> Found:
    try:
        domain = domain_of(said if "@" in said else f"postmaster@{said}")
    except Envelope as refused:
        return Found(said, problem=refused.reply.text)
    exchanges = await book.of(domain)
    if isinstance(exchanges, Reply):
        return Found(domain, problem=exchanges.text)
    whose = Whose(known)
    pool = whose.pool(exchanges.names)
    gateway = bool(whose.gateway(exchanges.names))
    return Found(domain, pool, known.of(pool).label, gateway, exchanges.names)


def _row(provider: Provider) -> tuple[Text, str, str, str, str]:
    return (
        Text(f"{provider.label}{' (a gateway)' if provider.gateway else ''}"),
        number(provider.connections),
        number(provider.messages),
        number(provider.per_minute or None),
        provider.encryption,
    )


def _knowledge(workspace: Path | None) -> Knowledge:
    """The packaged list alone where there is no workspace and none was named."""
    try:
        return of_workspace(Workspace.find(workspace or Path()))
    except WorkspaceError:
        if workspace is not None:
            raise
        return packaged()
