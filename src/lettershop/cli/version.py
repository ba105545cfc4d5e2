"""`lettershop segment versions` and its kin: what was published, drafts, and publishing them."""

from typing import Annotated

import typer
from rich.text import Text

from lettershop.app.plans import DraftText, InForceAnswer, VersionAnswer
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, number, print_json, show, table
from lettershop.cli.plan import (
    NoteOption,
    SampleOption,
    YesOption,
    YesSizeOption,
    agree,
    tell,
)
from lettershop.cli.plan_views import plan_view
from lettershop.cli.register import opened_register
from lettershop.language.definition import Mode
from lettershop.language.tree import Subject

Name = Annotated[str, typer.Argument(help="The segment's name.", metavar="NAME")]
Number = Annotated[
    int, typer.Argument(help="The version's number.", metavar="VERSION", min=0, max=2**31 - 1)
]


def versions(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="Of this segment; default: what is in force."),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the versions of a segment, the newest first; or everything that is in force.

    Examples:

        lettershop segment versions

        lettershop segment versions vips --json
    """
    with opened_register(workspace, as_json=as_json) as register:
        if name is None:
            _show_in_force([*register.in_force()], as_json=as_json)
        else:
            _show_versions([*register.versions(name)], as_json=as_json)


def _show_in_force(found: list[InForceAnswer], *, as_json: bool) -> None:
    if as_json:
        print_json({"published": found})
        return
    if not found:
        hint("nothing is published: lettershop plan shows what could be")
        return
    made = table("segment", "version", "of", "mode", "partition", "since", right=("version",))
    for one in found:
        cells = (one.subject, one.mode, Text(one.partition or ""), one.published_at)
        made.add_row(Text(one.name, style="bold"), number(one.version), *cells)
    show(made)


def _show_versions(found: list[VersionAnswer], *, as_json: bool) -> None:
    if as_json:
        print_json({"versions": found})
        return
    made = table("version", "state", "text", "by", "published", "note", right=("version",))
    for one in found:
        when = one.published_at or f"written {one.created_at}"
        words = Text(one.text.strip() or "(the rest of its partition)")
        made.add_row(number(one.number), one.state, words, Text(one.author), when, Text(one.note))
    show(made)


def draft(
    name: Name,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The condition, in single quotes.")],
    subject: Annotated[
        Subject | None, typer.Option("--subject", help="What it is a segment of.")
    ] = None,
    mode: Annotated[Mode | None, typer.Option("--mode", help="How it follows the facts.")] = None,
    title: Annotated[str | None, typer.Option("--title", help="For people.")] = None,
    note: NoteOption = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a new version of a segment without a file; it is not in force until published.

    What is left out stays as it is in force. The folder does not learn of it: the next apply
    publishes what the folder says.

    Examples:

        lettershop segment draft vips 'sum of revenue over "Order Completed" >= 20000'
    """
    said = DraftText(text=text, subject=subject, mode=mode, title=title, note=note)
    with opened_register(workspace, as_json=as_json) as register:
        made = register.draft(name, said)
    if as_json:
        print_json(made)
        return
    show(Text.assemble("version ", (str(made.number), "bold"), f" of {name} is a draft"))
    hint(f"lettershop segment diff {name} {made.number} shows what it would change")


def diff(
    name: Name,
    version: Number,
    sample: SampleOption = 3,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what publishing a version would change: a draft, or an old one once more.

    Examples:

        lettershop segment diff vips 4
    """
    with opened_register(workspace, as_json=as_json) as register:
        found = register.difference(name, version, sample)
    if as_json:
        print_json(found)
    else:
        show(plan_view(found))


def publish(
    name: Name,
    version: Number,
    yes: YesOption = False,
    yes_size: YesSizeOption = None,
    note: NoteOption = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a draft in force; of an old version a new one with its content.

    Examples:

        lettershop segment publish vips 4

        lettershop segment publish vips 2 --yes --note "the change was a mistake"
    """
    allowed = yes_size or []
    with opened_register(workspace, as_json=as_json) as register:
        found = register.difference(name, version)
        if not as_json:
            show(plan_view(found))
        agree(found, allowed, yes=yes, as_json=as_json)
        applied = register.publish(
            name, version, allow_size=allowed, revision=found.revision, note=note
        )
    tell(applied, as_json=as_json)


def discard(
    name: Name, version: Number, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Forget a draft.

    Examples:

        lettershop segment discard vips 5
    """
    with opened_register(workspace, as_json=as_json) as register:
        gone = register.discard(name, version)
    if as_json:
        print_json(gone)
    else:
        show(Text.assemble(f"version {gone.number} of ", (gone.segment, "bold"), " is forgotten"))


def remove(
    name: Name,
    yes: YesOption = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a segment out of force, with its pins; refused while another one refers to it.

    Its versions stay readable, and its file stays in the folder.

    Examples:

        lettershop segment remove spring-sale --yes
    """
    with opened_register(workspace, as_json=as_json) as register:
        if not yes:
            typer.confirm(f"Take {name} out of force?", abort=True, err=True)
        applied = register.remove(name)
    tell(applied, as_json=as_json)
