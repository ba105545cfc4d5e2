"""`lettershop suppression …`: who gets no letters."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from lettershop.access.audit import LOCAL, audit
from lettershop.cli.compliance import (
    Address,
    Csv,
    ReasonOption,
    ScopeOption,
    UntilOption,
    imported,
    instant,
    opened_compliance,
    tell_imported,
)
from lettershop.cli.endings import Failed
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, number, print_json, show, table
from lettershop.compliance.lists import export_list, import_list
from lettershop.compliance.question import Question
from lettershop.compliance.suppression import NewSuppression, SuppressionAnswer, listed, of_person
from lettershop.compliance.words import EVERYTHING

app = typer.Typer(no_args_is_help=True, help="Who gets no letters: list, add, undo, check.")


@app.command("list")
def list_(
    question: Annotated[
        str, typer.Argument(metavar="TEXT", help="Part of an address, or a reason.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 50,
    all_: Annotated[bool, typer.Option("--all", help="Also undone and expired ones.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List suppressed addresses, the newest first; of erased people only the keyed hash is left.

    Examples:

        lettershop suppression list

        lettershop suppression list example.com --all
    """
    with opened_compliance(workspace) as desk:
        found = listed(at=desk.clock.now(), limit=limit, question=question, all_=all_)
    if as_json:
        print_json({"suppressions": found})
        return
    made = table("number", "address", "scope", "reason", "since", "until", right=("number",))
    for one in found:
        until = f"undone: {one.lifted_why}" if one.lifted_at else one.expires_at or ""
        made.add_row(str(one.id), _who(one), one.scope, one.reason, one.at, until)
    show(made)


@app.command()
def add(
    email: Address,
    scope: ScopeOption = EVERYTHING,
    reason: ReasonOption = "manual",
    note: Annotated[str, typer.Option(help="A sentence about it.")] = "",
    until: UntilOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send no more letters to an address, from now on.

    Examples:

        lettershop suppression add ann@example.com --note "asked by phone"

        lettershop suppression add ann@example.com --scope stream:marketing
    """
    new = NewSuppression(
        address=email,
        scope=scope,
        reason=reason,
        source="command line",
        note=note,
        expires_at=instant(until),
    )
    with opened_compliance(workspace) as desk:
        added = desk.suppress(new, LOCAL)
        said = of_person(desk.book.hashed(email).hash)
    if as_json:
        print_json({"new": added, "suppressions": said})
        return
    word = "is suppressed" if added else "was suppressed already"
    show(Text.assemble((email, "bold"), f" {word} ({scope})."))


@app.command()
def remove(
    suppression: Annotated[int, typer.Argument(metavar="NUMBER", help="Its number.", min=1)],
    why: Annotated[str, typer.Option("--why", help="Why it is undone; it is kept.")],
    force: Annotated[
        bool, typer.Option("--force", help="Also of a complaint, or of an erased person.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Undo one suppression, with a reason that is kept.

    Examples:

        lettershop suppression remove 17 --why "the mailbox works again"
    """
    with opened_compliance(workspace) as desk:
        done = desk.lift(suppression, LOCAL, why, force=force)
    if as_json:
        print_json(done)
        return
    show(Text.assemble(f"suppression {done.id} of ", (_who(done), "bold"), " is undone."))
    hint("other suppressions of the address may remain: lettershop suppression check")


@app.command("import")
def import_(
    file: Csv,
    scope: ScopeOption = EVERYTHING,
    reason: ReasonOption = "import",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a list of another system. Only adds; lines that cannot be read are told, not taken.

    Columns: address (or email), and if there are scope, reason, note, expires.

    Examples:

        lettershop suppression import unsubscribed.csv --reason unsubscribe
    """
    with opened_compliance(workspace) as desk:
        steps = import_list(
            desk.book, file, reason=reason, scope=scope, by=LOCAL.name, at=desk.clock.now()
        )
        done = imported(steps, "suppressions", as_json=as_json)
        audit(LOCAL, "suppression.import", file.name, rows=done.rows, new=done.new)
    tell_imported(done, as_json=as_json)


@app.command()
def export(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Where to; default: stdout.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write all suppressions in force as CSV; erased people are there by their keyed hash alone.

    Examples:

        lettershop suppression export suppressed.csv
    """
    with opened_compliance(workspace) as desk:
        at = desk.clock.now()
        if file is None:
            count = export_list(sys.stdout, at=at)
        else:
            with file.open("w", encoding="utf-8", newline="") as out:
                count = export_list(out, at=at)
        audit(LOCAL, "suppression.export", file.name if file else "stdout", rows=count)
    hint(f"{number(count)} suppressions")


@app.command()
def check(
    email: Address,
    purpose: Annotated[str, typer.Option(help="What the letter is for, as in consent.toml.")] = "",
    stream: Annotated[str, typer.Option(help="The stream it would go in.")] = "marketing",
    topic: Annotated[str, typer.Option(help="Its topic, as in consent.toml.")] = "",
    country: Annotated[str, typer.Option(help="Of the recipient: DE, US …")] = "",
    zone: Annotated[str, typer.Option(help="Of the recipient: Europe/Berlin …")] = "",
    contact: Annotated[str, typer.Option(help="Identity of the contact, for caps: user:U1")] = "",
    account: Annotated[str, typer.Option(help="Their account, for caps: its id")] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """May a letter go to this address now? Every reason, and until when; exit code 1 for no.

    Examples:

        lettershop suppression check ann@example.com --purpose newsletter --country DE
    """
    question = Question(
        address=email,
        purpose=purpose,
        stream=stream,
        topic=topic,
        country=country,
        zone=zone,
        contact=contact,
        account=account,
    )
    with opened_compliance(workspace) as desk:
        verdict = desk.gate.may_send(question, desk.clock.now())
    if as_json:
        print_json(verdict)
    else:
        show(Text(str(verdict)))
    if not verdict.allowed:
        raise Failed(1)


def _who(one: SuppressionAnswer) -> str:
    return one.address or f"(erased) {one.hash[:16]}…"
