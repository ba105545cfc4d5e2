"""`lettershop segment pin`, `unpin`, `pins` and `proof`: exceptions by hand, and that they do no
harm."""

from typing import Annotated

import typer
from rich.text import Text

from lettershop.app.plans import PinAnswer
from lettershop.cli.endings import Failed
from lettershop.cli.options import AsOfOption, JsonOption, WorkspaceOption
from lettershop.cli.output import hint, number, print_json, show, table
from lettershop.cli.plan_views import proof_view
from lettershop.cli.register import opened_register
from lettershop.model.clock import parse_instant

Name = Annotated[str, typer.Argument(help="The segment's name.", metavar="NAME")]


def pin(
    name: Name,
    who: Annotated[
        str,
        typer.Argument(
            metavar="WHO",
            help="A user id or address; an account's id or name; for people CONTACT/ACCOUNT.",
        ),
    ],
    reason: Annotated[str, typer.Option("--reason", help="Why; it is shown with the pin.")],
    out: Annotated[bool, typer.Option("--out", help="Keep them out, instead of in.")] = False,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="TIME", help="Ends by itself at 2026-12-31T00:00Z."),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put somebody into a published segment, or keep them out, whatever its rule says.

    Keeping out beats putting in. In a partition, who is put into one segment is kept out of the
    others.

    Examples:

        lettershop segment pin vips eva@example.com --reason "the founder's sister"

        lettershop segment pin dormant U17 --out --until 2026-12-31T00:00Z --reason "on leave"
    """
    ends = None if until is None else parse_instant(until)
    with opened_register(workspace, as_json=as_json) as register:
        made = register.pin(name, who, reason, include=not out, expires_at=ends)
    if as_json:
        print_json(made)
        return
    word = "in" if made.include else "kept out of"
    show(Text.assemble(f"pin {made.id}: ", (_who(made), "bold"), f" is {word} {made.segment}"))


def unpin(
    pin: Annotated[int, typer.Argument(metavar="PIN", help="Its number in the list.", min=0)],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """End a pin: the segment's rule decides about them again.

    Examples:

        lettershop segment unpin 7
    """
    with opened_register(workspace, as_json=as_json) as register:
        ended = register.unpin(pin)
    if as_json:
        print_json(ended)
        return
    told = Text.assemble(f"pin {ended.id} has ended: the rule of {ended.segment} decides about ")
    show(told.append(_who(ended), style="bold"))


def pins(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Of this segment; default: of all.")
    ] = None,
    ended: Annotated[bool, typer.Option("--ended", help="Also those that have ended.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List pins with who made them and why.

    Examples:

        lettershop segment pins

        lettershop segment pins vips --ended --json
    """
    with opened_register(workspace, as_json=as_json) as register:
        found = register.pins(name, ended=ended)
    if as_json:
        print_json({"pins": found})
        return
    if not found:
        hint("nobody is pinned")
        return
    made = table("pin", "segment", "who", "is", "by", "why", "until", right=("pin",))
    for one in found:
        until = f"ended {one.removed_at}" if one.removed_at else one.expires_at or ""
        where = "in" if one.include else "out"
        who = Text(_who(one))
        if not one.known:
            who.append(" (nobody of that name)", style="yellow")
        cells = (who, where, Text(one.author), Text(one.reason), until)
        made.add_row(number(one.id), Text(one.segment), *cells)
    show(made)


def proof(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A partition, or a segment that is in one.")
    ],
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove that everybody is in exactly one segment of a partition.

    Counted from the members themselves. Ends with 1 when it does not hold.

    Examples:

        lettershop segment proof size

        lettershop segment proof size-2-10 --as-of 2026-03-01T00:00Z --json
    """
    at = None if as_of is None else parse_instant(as_of)
    with opened_register(workspace, as_json=as_json) as register:
        found = register.proof(name, at)
    if as_json:
        print_json(found)
    else:
        show(proof_view(found))
    if not found.proof.holds:
        raise Failed(1)


def _who(pin: PinAnswer) -> str:
    return f"{pin.who}/{pin.account}" if pin.account else pin.who
