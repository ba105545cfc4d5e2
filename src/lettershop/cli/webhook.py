"""`lettershop webhook …`: addresses that are told who entered and left segments."""

from typing import Annotated

import typer
from rich.text import Text

from lettershop.access.audit import LOCAL
from lettershop.app.shown import instant
from lettershop.app.webhooks import add_webhook, enable_webhook, remove_webhook, send_test
from lettershop.cli.endings import Failed
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, number, print_json, say, show, table
from lettershop.cli.records import opened_records
from lettershop.model.clock import SystemClock
from lettershop.model.errors import Unavailable
from lettershop.segments import webhooks as records
from lettershop.segments.models_streams import Delivery, Webhook

app = typer.Typer(no_args_is_help=True, help="Addresses that are told who enters and leaves.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Lower case with “-”, as in crm-sync.")]


@app.command()
def add(
    name: Name,
    url: Annotated[str, typer.Argument(metavar="URL", help="Where to send: https://…")],
    segment: Annotated[
        list[str] | None,
        typer.Option("--segment", metavar="NAME", help="Only of this one; may be repeated."),
    ] = None,
    cause: Annotated[
        list[str] | None,
        typer.Option(
            "--cause",
            metavar="CAUSE",
            help="Only with this cause; may be repeated; default: event, time and trait.",
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell an address who enters and leaves from now on; its signing secret is printed once.

    Examples:

        lettershop webhook add crm-sync https://crm.example.com/hooks/lettershop --segment vips
    """
    with opened_records(workspace) as settings:
        hook, secret = add_webhook(
            name,
            url,
            segment or (),
            cause or (),
            settings=settings,
            by=LOCAL,
            at=SystemClock().now(),
        )
    if as_json:
        print_json(record(hook) | {"secret": secret})
        return
    show(Text.assemble("signing secret of ", (hook.name, "bold"), ": ", (secret, "bold")))
    hint(f"it is shown this once; try it: lettershop webhook test {hook.name}")


@app.command("list")
def list_(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List webhooks: what they are told, and whether they take it.

    Examples:

        lettershop webhook list
    """
    with opened_records(workspace):
        found = records.webhooks()
    if as_json:
        print_json({"webhooks": [record(hook) for hook in found]})
        return
    made = table("name", "url", "segments", "causes", "state")
    for hook in found:
        segments = ", ".join(hook.segments) or "all"
        made.add_row(hook.name, hook.url, segments, ", ".join(hook.causes), _state(hook))
    show(made)


@app.command()
def remove(name: Name, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Tell an address nothing any more.

    Examples:

        lettershop webhook remove crm-sync
    """
    with opened_records(workspace):
        hook = remove_webhook(name, by=LOCAL, at=SystemClock().now())
    _done(hook, " is told nothing any more.", as_json=as_json)


@app.command()
def enable(name: Name, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Go on with a webhook that was disabled because it took nothing, from where it stopped.

    Examples:

        lettershop webhook enable crm-sync
    """
    with opened_records(workspace):
        hook = enable_webhook(name, by=LOCAL)
    _done(hook, " is told again.", as_json=as_json)


@app.command("test")
def try_(name: Name, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Send a signed test message now, from here, and say what was answered.

    Examples:

        lettershop webhook test crm-sync
    """
    with opened_records(workspace) as settings:
        hook = records.find_webhook(name)
        sent = send_test(hook, SystemClock().now(), settings.webhook_hosts)
    if as_json:
        print_json(delivery_record(sent))
    else:
        say(f"{sent.outcome}: {_answer(sent)} ({number(sent.milliseconds)} ms)")
    if sent.outcome == "failed":
        raise Failed(Unavailable.exit_code)


@app.command()
def deliveries(
    name: Name,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=1_000, help="How many of the newest to show.")
    ] = 20,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what was sent to a webhook and how it answered, the newest first.

    Examples:

        lettershop webhook deliveries crm-sync --limit 5
    """
    with opened_records(workspace):
        found = records.deliveries(records.find_webhook(name), limit)
    if as_json:
        print_json({"deliveries": [delivery_record(one) for one in found]})
        return
    made = table("at", "what", "attempt", "answer", "ms", right=("ms", "attempt"))
    for one in found:
        what = "test" if one.kind == "test" else f"{number(one.count)} from {one.first_id}"
        answer = Text(_answer(one), style="" if one.outcome == "delivered" else "red")
        made.add_row(instant(one.at), what, str(one.attempt), answer, number(one.milliseconds))
    show(made)


def record(hook: Webhook) -> dict[str, object]:
    return {
        "name": hook.name,
        "url": hook.url,
        "segments": hook.segments,
        "causes": hook.causes,
        "enabled": hook.enabled,
        "reason": hook.reason,
        "position": hook.position,
        "failures": hook.failures,
        "next_at": instant(hook.next_at),
        "created_at": instant(hook.created_at),
    }


def delivery_record(one: Delivery) -> dict[str, object]:
    return {
        "at": instant(one.at),
        "kind": one.kind,
        "first": one.first_id,
        "last": one.last_id,
        "count": one.count,
        "attempt": one.attempt,
        "outcome": one.outcome,
        "status": one.status,
        "message": one.message,
        "milliseconds": one.milliseconds,
    }


def _done(hook: Webhook, said: str, *, as_json: bool) -> None:
    if as_json:
        print_json(record(hook))
    else:
        show(Text.assemble("The webhook ", (hook.name, "bold"), said))


def _state(hook: Webhook) -> str:
    if not hook.enabled:
        return f"disabled: {hook.reason}"
    if hook.failures:
        return f"failing ({number(hook.failures)}), next {instant(hook.next_at)}"
    return "enabled"


def _answer(one: Delivery) -> str:
    return one.message or f"answered {one.status}"
