"""`lettershop content preview` and `report`: a letter as somebody gets it; who has which value."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from lettershop.app.letters import Preview
from lettershop.cli.content_prove import AsOfOption, Segment, Template
from lettershop.cli.data_file import DataOption, read_data
from lettershop.cli.endings import Failed
from lettershop.cli.letters import Desk, Whose, opened_letters
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import console, number, print_findings, print_json, say, show, table
from lettershop.content.letter import Rendered
from lettershop.content.lint.spamassassin import as_message, spam_findings, spam_score
from lettershop.content.template import Fallback, Policy, Skip
from lettershop.content.values.report import TemplateReport, Then
from lettershop.model.clock import parse_instant
from lettershop.model.errors import NotFound, UsageError

BROKEN = 4

AccountOption = Annotated[
    str | None, typer.Option("--account", help="The account the letter speaks of.")
]
SegmentOption = Annotated[
    str | None, typer.Option("--segment", help="As in a letter to this segment.")
]
LanguageOption = Annotated[
    str | None, typer.Option("--language", help="Instead of the contact's own, as de.")
]


def preview(
    name: Template,
    who: Annotated[
        str | None, typer.Option("--as", help="A contact: user id, address or identity.")
    ] = None,
    class_id: Annotated[
        str | None,
        typer.Option("--class", metavar="ID", help="An example of a class of the newest proof."),
    ] = None,
    account: AccountOption = None,
    segment: SegmentOption = None,
    language: LanguageOption = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write the HTML there.")
    ] = None,
    spam: Annotated[
        bool, typer.Option("--spam", help="Ask SpamAssassin too, where it is installed (seconds).")
    ] = False,
    as_of: AsOfOption = None,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a letter as one contact would get it. Nothing is sent.

    Ends with 4 when this contact's letter is broken. The pages show it light and dark, on wide and
    narrow screens.

    Examples:

        lettershop content preview welcome --as user:U1

        lettershop content preview welcome --as ann@example.com --account acme --html letter.html

        lettershop content preview welcome --class 48c1de866bcd --json

        lettershop content preview welcome --as user:U1 --spam

        lettershop content preview receipt --as user:U1 --data order.json
    """
    at, given = None if as_of is None else parse_instant(as_of), read_data(data)
    with opened_letters(workspace, as_json=as_json) as desk:
        if class_id is not None:
            who, segment = _example(desk, name, class_id)
        if who is None:
            hint = "--as user:U1, or --class ID of a class that content proof has shown"
            raise UsageError("usage", "whose letter?", where="--as", hint=hint)
        whose = Whose(
            who=who, account=account, segment=segment, language=language, as_of=at, data=given
        )
        found = desk.shown(name, whose)
    if spam and found.fate == "letter":
        found = _asked_spamassassin(found)
    if html is not None and found.fate == "letter":
        html.write_text(found.html, "utf-8")
    if as_json:
        print_json(found)
    else:
        show(preview_view(found))
        print_findings(found.findings, console(stderr=True))
        if html is not None and found.fate == "letter":
            say(f"{html} holds the HTML")
    if found.fate == "broken":
        raise Failed(BROKEN)


def send_test(
    name: Template,
    who: Annotated[
        str, typer.Option("--as", help="Whose letter: user id, address or identity of a contact.")
    ],
    to: Annotated[
        list[str] | None,
        typer.Option("--to", metavar="ADDRESS", help="One of the seeds; repeatable. Default: all."),
    ] = None,
    account: AccountOption = None,
    segment: SegmentOption = None,
    language: LanguageOption = None,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a letter as one contact would get it to the seeds: our own people, see `seeds`.

    By the mail server of the setting `smtp`; without one it is written to data/outbox/ as a file.

    Examples:

        lettershop content send-test welcome --as user:U1

        lettershop content send-test welcome --as ann@example.com --to me@example.com --json
    """
    given = read_data(data)
    with opened_letters(workspace, as_json=as_json) as desk:
        whose = Whose(who=who, account=account, segment=segment, language=language, data=given)
        sent = desk.send_test(name, whose, to or ())
    if as_json:
        print_json(sent)
        return
    for one in sent:
        say(f"{one.to}: {one.where}")


def report(
    name: Template,
    segment: Segment,
    as_of: AsOfOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Of each variable of a letter: how many of a segment have it from where, and who has none.

    Examples:

        lettershop content report welcome new-customers

        lettershop content report welcome new-customers --json
    """
    at = None if as_of is None else parse_instant(as_of)
    with opened_letters(workspace, as_json=as_json) as desk:
        found = desk.report(name, segment, at)
    if as_json:
        print_json(found)
    else:
        show(report_view(found))


def preview_view(found: Preview) -> Group:
    whom = f"{found.who} <{found.email}>" if found.email else found.who
    about = [whom, found.account or "no account", found.language or "default language"]
    parts: list[RenderableType] = [Text(" · ".join(about), style="dim")]
    match found.fate:
        case "skipped":
            parts.append(Text(f"no letter: {found.reason}", style="yellow"))
        case "broken":
            parts.append(Text("broken: nobody may get this letter", style="bold red"))
        case _:
            heads = {"from": found.sender, "reply to": found.reply_to, "subject": found.subject}
            heads["preheader"] = found.preheader
            parts += [
                Text.assemble((f"{key:<10}", "dim"), text) for key, text in heads.items() if text
            ]
            parts += [Text(""), Padding(Text(found.text.strip()), (0, 2))]
    if found.words:
        parts += [Text(""), Text("; ".join(found.words), style="dim")]
    return Group(*parts)


_THEN: dict[Then, str] = {
    "fallback": "fallback",
    "hidden": "the block is left out",
    "skipped": "no letter",
    "left_out": "the letter allows for it",
    "broken": "nobody said: broken wherever it is shown",
}


def report_view(found: TemplateReport) -> Group:
    made = table("variable", "from", "people", "missing", "then", right=("people", "missing"))
    for one in found.variables:
        first = True
        name = f"{one.name} [{one.language}]" if one.language else one.name
        for source, count in one.known.items() or [("nowhere", 0)]:
            missing = number(one.missing) if first and one.missing else ""
            then = _then(one.policy, one.then) if first and one.missing else Text("")
            made.add_row(name if first else "", source, number(count), missing, then)
            first = False
    head = f"{found.template} for {found.segment}: {number(found.recipients)} recipients"
    return Group(Text(head, style="bold"), made)


def _then(policy: Policy | None, then: Then) -> Text:
    match policy:
        case Fallback(text=text):
            return Text(f"“{text}”", style="green")
        case Skip(reason=reason):
            return Text(f"no letter: {reason}", style="yellow")
        case _:
            return Text(_THEN[then], style="red" if then == "broken" else "green")


def _asked_spamassassin(found: Preview) -> Preview:
    """With what it says among the findings."""
    made = Rendered(found.subject, found.preheader, found.html, found.text, 0, found.sender)
    link = str(found.values.get("unsubscribe_url", ""))
    to = found.email or "somebody@example.com"
    message = as_message(made, sender="sender@example.com", to=to, unsubscribe_url=link)
    score = spam_score(message)
    if score is None:
        say("SpamAssassin is not installed here, or did not answer")
        return found
    say(f"SpamAssassin: {score.score:g} points")
    return msgspec.structs.replace(found, findings=(*found.findings, *spam_findings(score)))


def _example(desk: Desk, name: str, class_id: str) -> tuple[str, str]:
    """Somebody of a class, and the segment of the proof it is of."""
    done = next((one for one in desk.proofs(name) if one.state in ("done", "cancelled")), None)
    proved = desk.proof(done.id).proved if done else None
    for one in proved.classes if proved else ():
        if one.id == class_id and one.examples and done:
            return one.examples[0], done.segment
    hint = f"lettershop content proof {name} SEGMENT shows them"
    raise NotFound("proof.no_class", f"the newest proof has no class “{class_id}”", hint=hint)
