"""`lettershop consent …`: what people agreed to, and what consent.toml says."""

from typing import Annotated

import typer
from rich.text import Text

from lettershop.access.audit import LOCAL, audit
from lettershop.cli.compliance import (
    Address,
    Csv,
    imported,
    instant,
    opened_compliance,
    tell_imported,
)
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import print_json, show, table
from lettershop.compliance.consent import NewConsent, find_purpose, history, record
from lettershop.compliance.consent_lists import Usual, import_consents
from lettershop.compliance.rules import title
from lettershop.compliance.unsubscribe import object_to, unsubscribe
from lettershop.compliance.words import EVERYTHING, Method

app = typer.Typer(no_args_is_help=True, help="Consent: purposes, what people said, and since when.")
Purpose = Annotated[str, typer.Argument(metavar="PURPOSE", help="As named in consent.toml.")]
SourceOption = Annotated[str, typer.Option("--source", help="Where it was said: a form, a call.")]


@app.command()
def purposes(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List purposes, topics and streams as consent.toml defines them; tells what is wrong with it.

    Examples:

        lettershop consent purposes
    """
    with opened_compliance(workspace) as desk:
        policy = desk.policy
    if as_json:
        found = (policy.purposes, policy.topics, policy.streams)
        names = ("purposes", "topics", "streams")
        print_json({name: [*one.values()] for name, one in zip(names, found, strict=True)})
        return
    made = table("purpose", "title", "basis", "stream", "wording")
    for name, one in policy.purposes.items():
        made.add_row(name, title(one.titles, "en", name), one.basis, one.stream, one.wording)
    topics = table("topic", "title", "stream", "wanted unless chosen")
    for name, about in policy.topics.items():
        wanted = "yes" if about.wanted else "no"
        topics.add_row(name, title(about.titles, "en", name), about.stream, wanted)
    show(made, topics)


@app.command("show")
def show_(email: Address, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Show everything somebody said about purposes, in order, with source and proof.

    Examples:

        lettershop consent show ann@example.com
    """
    with opened_compliance(workspace) as desk:
        found = history(desk.book.hashed(email))
    if as_json:
        print_json({"consents": found})
        return
    made = table("when", "purpose", "said", "method", "source", "wording")
    for one in found:
        source = f"{one.source} (imported)" if one.imported else one.source
        made.add_row(one.at, one.purpose, one.state, one.method, source, one.wording)
    show(made)


@app.command()
def give(
    email: Address,
    purpose: Purpose,
    source: SourceOption,
    method: Annotated[Method, typer.Option(help="How they agreed.")] = "written",
    at: Annotated[str | None, typer.Option(metavar="TIME", help="When; default: now.")] = None,
    wording: Annotated[str, typer.Option(help="Version of the text; default: today's.")] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write down that somebody agreed. It ends no suppression and no objection.

    Examples:

        lettershop consent give ann@example.com newsletter --source "fair in Bonn, card 17"
    """
    new = NewConsent(
        address=email,
        purpose=purpose,
        method=method,
        source=source,
        wording=wording,
        at=instant(at),
    )
    with opened_compliance(workspace) as desk:
        record(desk.book, desk.policy, new, by=LOCAL.name, at=desk.clock.now())
        audit(LOCAL, "consent.give", desk.named(email), purpose=purpose, source=source)
        found = history(desk.book.hashed(email))
    if as_json:
        print_json({"consents": found})
        return
    show(Text.assemble((email, "bold"), f" agreed to {purpose}."))


@app.command()
def withdraw(
    email: Address,
    source: SourceOption,
    scope: Annotated[str, typer.Option(help="all, stream:NAME or topic:NAME.")] = EVERYTHING,
    objection: Annotated[
        bool, typer.Option("--objection", help="They object to all marketing, for good.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write down that somebody wants no more; effective at once, as if they had pressed the link.

    Examples:

        lettershop consent withdraw ann@example.com --source "called on Monday"

        lettershop consent withdraw ann@example.com --source letter --objection
    """
    with opened_compliance(workspace) as desk:
        now = desk.clock.now()
        if objection:
            done = object_to(desk.book, desk.policy, email, source=source, proof={}, at=now)
        else:
            done = unsubscribe(
                desk.book, desk.policy, email, scope=scope, source=source, proof={}, at=now
            )
        audit(LOCAL, "consent.withdraw", desk.named(email), scope=done.scope, source=source)
    if as_json:
        print_json(done)
        return
    word = "gets no more letters" if done.new else "got no more letters before"
    show(Text.assemble((email, "bold"), f" {word} ({done.scope})."))


@app.command("import")
def import_(
    file: Csv,
    purpose: Annotated[
        str, typer.Option(help="Of rows that name none, as in consent.toml.", metavar="PURPOSE")
    ] = "",
    source: Annotated[str, typer.Option("--source", help="Of rows that name none.")] = "",
    method: Annotated[Method, typer.Option(help="Of rows that name none.")] = "unknown",
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When, of rows that do not say it.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring consent that another system recorded; it never undoes what people said themselves.

    Columns: address (or email), and if there are purpose, state (given, withdrawn), method, at,
    source, wording. Lines that cannot be read are told, not taken; it is safe to repeat.

    Examples:

        lettershop consent import agreed.csv --purpose newsletter --source "old system"
    """
    usual = Usual(purpose=purpose, method=method, source=source, at=instant(at))
    with opened_compliance(workspace) as desk:
        if purpose:
            find_purpose(desk.policy, purpose)
        now = desk.clock.now()
        steps = import_consents(desk.book, desk.policy, file, usual, by=LOCAL.name, at=now)
        done = imported(steps, "consents", as_json=as_json)
        audit(LOCAL, "consent.import", file.name, rows=done.rows, new=done.new)
    tell_imported(done, as_json=as_json)
