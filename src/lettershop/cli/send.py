"""`lettershop send …`: what is being sent, and the proof that it adds up."""

from collections.abc import Sequence
from typing import Annotated, get_args

import msgspec
import typer
from rich.text import Text

from lettershop.cli.endings import Failed
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, number, print_json, say, share, show, table
from lettershop.cli.records import opened_records
from lettershop.delivery.ledger import controls, counting, planning
from lettershop.delivery.ledger.counting import Counts
from lettershop.delivery.ledger.rows import ENDED, Listed, SendRow
from lettershop.delivery.said import State
from lettershop.model.clock import SystemClock, format_instant
from lettershop.model.errors import UsageError

app = typer.Typer(no_args_is_help=True, help="What is being sent: look, pause, go on, prove.")

Which = Annotated[int, typer.Argument(metavar="SEND", help="Its number, from `send status`.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept.")]

PROOF_FAILED = 1
STATES: tuple[State, ...] = get_args(State)


@app.command()
def status(
    which: Annotated[
        int | None, typer.Argument(metavar="SEND", help="Only this one; default: the newest 20.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show sends: how many messages were planned, and how far they are.

    Examples:

        lettershop send status

        lettershop send status 7
    """
    with opened_records(workspace):
        found = planning.sends(20) if which is None else [planning.send(which)]
        all_counts = [counting.counts(send.id) for send in found]
    if as_json:
        print_json({"sends": [record(*each) for each in zip(found, all_counts, strict=True)]})
        return
    made = table("send", "name", "state", "planned", "open", "ended", right=("planned", "open"))
    for send, counts in zip(found, all_counts, strict=True):
        ended = ((name, counts.states[name]) for name in ENDED)
        told = ", ".join(f"{name} {number(messages)}" for name, messages in ended if messages)
        state = f"{send.state}: {send.reason}" if send.reason else send.state
        made.add_row(
            str(send.id), send.name, state, number(send.planned), number(counts.open), told
        )
    show(made)


@app.command()
def pause(
    which: Which,
    reason: Reason = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop a send between two messages, within a second, until it is resumed.

    Examples:

        lettershop send pause 7 --reason "wrong price in the second block"
    """
    with opened_records(workspace):
        send = controls.pause(which, reason)
    _moved(send, "is paused; nothing more leaves", as_json=as_json)


@app.command()
def resume(which: Which, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Go on with a paused send.

    Examples:

        lettershop send resume 7
    """
    with opened_records(workspace):
        if planning.send(which).state == "holding":
            raise UsageError("send.holding", f"send {which} has not been started yet")
        send = controls.resume(which, SystemClock().now())
    _moved(send, "goes on", as_json=as_json)


@app.command()
def abort(
    which: Which,
    reason: Reason = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """End a send for good: what has not left never leaves.

    Examples:

        lettershop send abort 7 --reason "sent to the wrong segment" --yes
    """
    with opened_records(workspace):
        open_now = counting.counts(which).open
        if not yes and not as_json:
            typer.confirm(f"{open_now:,} messages will never be sent. Abort?", abort=True, err=True)
        send = controls.abort(which, SystemClock().now(), reason)
    _moved(send, "is aborted", as_json=as_json)


@app.command()
def proof(
    which: Which,
    state: Annotated[
        str, typer.Option("--list", metavar="STATE", help="List the messages in this state.")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many to list at most.")] = 100,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove a send: planned = accepted + refused + suppressed + failed + unknown, by reason.

    Everything is counted from the rows of the ledger. Exit code 1 when it does not add up.

    Examples:

        lettershop send proof 7

        lettershop send proof 7 --list unknown
    """
    chosen = next((known for known in STATES if known == state), None)
    if state and chosen is None:
        raise UsageError("send.state", f"“{state}” is not a state", hint=", ".join(STATES))
    with opened_records(workspace):
        send, counts = planning.send(which), counting.counts(which)
        rows = counting.rows(which, chosen, limit=limit) if chosen else []
    if as_json:
        print_json(record(send, counts) | {"messages": rows})
    else:
        _show_proof(send, counts)
        if state:
            _show_rows(rows)
    if not counts.adds_up:
        raise Failed(PROOF_FAILED)


def _show_rows(rows: Sequence[Listed]) -> None:
    made = table("message", "contact", "address", "tried", "answer")
    for row in rows:
        answer = " ".join(str(said) for said in (row.code or "", row.status, row.text) if said)
        tried = format_instant(row.attempted_at) if row.attempted_at else "never"
        made.add_row(str(row.id), row.contact, row.address, tried, answer or row.reason)
    show(made)


def record(send: SendRow, counts: Counts) -> dict[str, object]:
    """For JSON."""
    said = {name: value for name, value in msgspec.to_builtins(counts).items() if name != "send"}
    return msgspec.structs.asdict(send) | said | {"open": counts.open, "adds_up": counts.adds_up}


def _show_proof(send: SendRow, counts: Counts) -> None:
    made = table("", "messages", "share", "of which", right=("messages", "share"))
    made.add_row(Text("planned", style="bold"), number(counts.planned), "", "")
    for state in ENDED:
        messages = counts.states[state]
        part = share(messages, counts.planned)
        made.add_row(f"  {state}", number(messages), part, _why(counts, state))
    made.add_row("  still open", number(counts.open), share(counts.open, counts.planned), "")
    show(Text.assemble((f"{send.name} ", "bold"), f"(send {send.id}, {send.state})"), made)
    if counts.resent:
        show(f"{number(counts.resent)} were sent again, because nobody knew: perhaps seen twice")
    if counts.adds_up:
        show(Text("It adds up.", style="green"))
    else:
        gap = counts.planned - counts.ended - counts.open
        show(Text(f"It does not add up: {gap:+,} messages are not accounted for.", style="red"))


def _why(counts: Counts, state: State) -> str:
    """By class and reason, a line each."""
    named = [(one, " · ".join(filter(None, (one.bounce_class, one.reason)))) for one in counts.why]
    return "\n".join(
        f"{number(o.messages)} {name}" for o, name in named if o.state == state and name
    )


def _moved(send: SendRow, what: str, *, as_json: bool) -> None:
    if as_json:
        print_json(msgspec.structs.asdict(send))
        return
    say(f"send {send.id} ({send.name}) {what}.")
    hint(f"lettershop send status {send.id}")
