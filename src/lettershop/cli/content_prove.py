"""`lettershop content proof` and its kin: everybody's letter rendered before one leaves."""

from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from lettershop.cli.content_proof_views import letter_proof_view, proving, stoppable
from lettershop.cli.data_file import DataOption, read_data
from lettershop.cli.endings import Failed
from lettershop.cli.letters import Kept, opened_letters
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, number, print_json, say, show, table
from lettershop.content.proof.said import LetterProofAnswer
from lettershop.model.clock import parse_instant

LOCKED = 4
"""The exit code while something stands in the way of sending."""

Template = Annotated[str, typer.Argument(help="The template's name.", metavar="NAME")]
Segment = Annotated[str, typer.Argument(help="The segment it is to go to.", metavar="SEGMENT")]
Number = Annotated[int, typer.Argument(help="The proof's number.", metavar="PROOF", min=0)]
Key = Annotated[
    str, typer.Argument(help="The key of a finding, or the id of a class.", metavar="KEY")
]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", help="The letters of that time, as 2026-11-01T00:00Z.")
]


def proof(
    name: Template,
    segment: Segment,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep an example of each class as golden files.")
    ] = False,
    as_of: AsOfOption = None,
    data: DataOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Render the letter of everybody in a segment, and say what was found.

    Nothing is sent. Shows in which ways letters differ, for how many people, with an example of
    each, and what is wrong with how many. Ends with 4 while something stands in the way of sending.
    Ctrl-C stops with what was seen so far. Golden files (`--keep`) are compared by `content test`.

    Examples:

        lettershop content proof welcome new-customers

        lettershop content proof welcome new-customers --keep

        lettershop content proof spring/offer vps --json
    """
    at, given = None if as_of is None else parse_instant(as_of), read_data(data)
    with (
        opened_letters(workspace, as_json=as_json) as desk,
        stoppable() as stopped,
        proving(shown=not as_json) as (begun, told),
    ):
        answer, kept = desk.prove_letters(
            name,
            segment,
            as_of=at,
            keep=keep,
            data=given,
            begun=begun,
            progress=told,
            stopped=stopped,
        )
    if as_json:
        print_json({"proof": answer, "kept": kept})
    else:
        show(letter_proof_view(answer), *([kept_view(kept)] if kept else []))
    if answer.locked:
        raise Failed(LOCKED)


def proofs(
    name: Annotated[
        str | None, typer.Argument(help="Of this template; default: all.", metavar="NAME")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help="How many.")] = 20,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List proofs, the newest first.

    Examples:

        lettershop content proofs

        lettershop content proofs welcome --json
    """
    with opened_letters(workspace, as_json=as_json) as desk:
        found = desk.proofs(name, limit)
    if as_json:
        print_json(found)
        return
    if not found:
        hint("no proofs yet: lettershop content proof NAME SEGMENT")
        return
    made = table("proof", "template", "segment", "people", "state", "sending", right=("people",))
    for one in found:
        locked = Text(one.locked, style="red") if one.locked else Text("free", style="green")
        told = f"{one.state}, {one.started_at}"
        made.add_row(str(one.id), one.template, one.segment, number(one.total), told, locked)
    show(made)


def accept(
    proof: Number,
    key: Key,
    reason: Annotated[str, typer.Option("--reason", help="Why it is meant.", prompt=True)],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that a warning of a proof is meant, so that it no longer stands in the way.

    Errors cannot be accepted. It holds for this proof alone: the next may be about other people.

    Examples:

        lettershop content accept 12 48c1de866bcd --reason "no deals is fine here"
    """
    with opened_letters(workspace, as_json=as_json) as desk:
        _tell(desk.accept(proof, key, reason), as_json=as_json)


def withdraw(
    proof: Number, key: Key, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Take back what was accepted.

    Examples:

        lettershop content withdraw 12 48c1de866bcd
    """
    with opened_letters(workspace, as_json=as_json) as desk:
        _tell(desk.withdraw(proof, key), as_json=as_json)


def kept_view(kept: Kept) -> Group:
    """What `--keep` wrote, and what it did not and why."""
    word = "class" if len(kept.ids) == 1 else "classes"
    lines: list[RenderableType] = [Text(f"{number(len(kept.ids))} {word} kept as golden files")]
    for class_id, reason in kept.left_out:
        lines.append(Text(f"class {class_id} is not kept: {reason}", style="yellow"))
    return Group(*lines)


def _tell(answer: LetterProofAnswer, *, as_json: bool) -> None:
    if as_json:
        print_json(answer)
    elif answer.locked:
        say(f"still locked: {answer.locked}", style="yellow")
    else:
        say("nothing stands in the way of sending any more", style="green")
