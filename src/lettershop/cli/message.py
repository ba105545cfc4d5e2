"""`lettershop message …`: transactional messages, one by one."""

import mimetypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Protocol

import msgspec
import typer
from rich.text import Text

from lettershop.access.audit import LOCAL
from lettershop.app import records
from lettershop.app.letters import Letters
from lettershop.app.messaging.answers import (
    MessageAnswer,
    NewMessage,
    Whom,
    message_answer,
    messages_to,
)
from lettershop.app.messaging.messages import Messages
from lettershop.app.shop import LocalShop
from lettershop.cli.data_file import DataOption, read_data
from lettershop.cli.doors import opened
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, print_json, say, show, table
from lettershop.cli.remote import RemoteShop
from lettershop.delivery.building import Attachment
from lettershop.model.clock import format_instant, parse_instant
from lettershop.model.errors import InputError, UsageError

app = typer.Typer(no_args_is_help=True, help="Transactional messages: receipts, passwords.")

UNTYPED = "application/octet-stream"


class Desk(Protocol):
    """Errors are those of `Messages`."""

    def send(self, new: NewMessage) -> MessageAnswer: ...
    def show(self, number: int) -> MessageAnswer: ...
    def to(self, address: str) -> Sequence[MessageAnswer]: ...


@app.command()
def send(
    template: Annotated[str, typer.Argument(metavar="TEMPLATE", help="A transactional one.")],
    to: Annotated[
        str, typer.Option("--to", metavar="WHO", help="A user id, or an e-mail address.")
    ],
    name: Annotated[str, typer.Option("--name", help="Whose address it is.")] = "",
    account: Annotated[str, typer.Option("--account", help="The account it speaks of.")] = "",
    data: DataOption = None,
    language: Annotated[str, typer.Option("--language", help="Instead of their own, as de.")] = "",
    key: Annotated[
        str, typer.Option("--key", help="Asked for again under this key it is not sent again.")
    ] = "",
    at: Annotated[
        str, typer.Option("--at", metavar="TIME", help="Not before, as 2026-12-01T09:00Z.")
    ] = "",
    attach: Annotated[
        list[Path] | None, typer.Option("--attach", metavar="FILE", help="A file; repeatable.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send one transactional message: it leaves at once while `lettershop up` runs.

    What cannot be sent is refused, with everything that is wrong with it.

    Examples:

        lettershop message send receipt --to U1 --data order.json --key R-17

        lettershop message send account/password --to ann@example.com --data code.json --json

        lettershop message send receipt --to U1 --data order.json --attach R-17.pdf
    """
    new = NewMessage(
        template=template,
        to=Whom(email=to, name=name) if "@" in to else Whom(user_id=to, name=name),
        account=account,
        data=read_data(data) or {},
        language=language,
        key=key,
        at=parse_instant(at) if at else 0,
        files=tuple(_attached(path) for path in attach or ()),
    )
    with opened_messages(workspace, as_json=as_json) as desk:
        found = desk.send(new)
    if as_json:
        print_json(found)
        return
    why = f": {found.reason}" if found.reason else ""
    say(f"message {found.id} to {found.to} is {found.state}{why}")
    hint(f"lettershop message show {found.id}")


@app.command("show")
def show_messages(
    which: Annotated[int | None, typer.Argument(metavar="MESSAGE", help="Its number.")] = None,
    to: Annotated[str, typer.Option("--to", metavar="ADDRESS", help="All to this address.")] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what became of a message, or of all that went to an address, the newest first.

    Examples:

        lettershop message show 17

        lettershop message show --to ann@example.com --json
    """
    if (which is None) == (not to):
        raise UsageError("usage", "a number, or an address with --to", where="message show")
    with opened_messages(workspace, as_json=as_json) as desk:
        found = desk.to(to) if which is None else [desk.show(which)]
    if as_json:
        print_json({"messages": found} if which is None else found[0])
        return
    made = table("message", "template", "to", "state", "since", "answer", right=("message",))
    for one in found:
        said = " ".join(str(part) for part in (one.code or "", one.status, one.text) if part)
        since = one.settled_at or one.attempted_at or one.planned_at
        answer = Text(said or one.reason)
        made.add_row(str(one.id), one.template, Text(one.to), one.state, since, answer)
    show(made)


@contextmanager
def opened_messages(workspace: Path | None, *, as_json: bool) -> Iterator[Desk]:
    """The messages of a command's workspace, its records brought up to date."""
    with opened(workspace, as_json=as_json, say_age=False) as (shop, _):
        match shop:
            case RemoteShop():
                yield RemoteMessages(shop)
            case LocalShop():
                records.connect(shop.path, shop.workspace.settings)
                try:
                    records.migrate()
                    with shop.workspace.store.snapshot():
                        yield LocalMessages(Letters(shop.workspace, LOCAL))
                finally:
                    records.disconnect()
            case _:
                raise TypeError(f"no messages are known of {type(shop).__name__}")


class LocalMessages:
    """Of a workspace that is open in this process."""

    def __init__(self, letters: Letters) -> None:
        self._messages = Messages(letters)

    def send(self, new: NewMessage) -> MessageAnswer:
        return self._messages.send(new)[0]

    def show(self, number: int) -> MessageAnswer:
        return message_answer(number)

    def to(self, address: str) -> Sequence[MessageAnswer]:
        return messages_to(address)


class _Messages(msgspec.Struct):
    items: list[MessageAnswer]


class RemoteMessages:
    """Of a workspace that a server has open."""

    def __init__(self, shop: RemoteShop) -> None:
        self._shop = shop

    def send(self, new: NewMessage) -> MessageAnswer:
        body: dict[str, Any] = msgspec.structs.asdict(new)
        body["attachments"] = body.pop("files")
        body["at"] = format_instant(new.at) if new.at else ""
        content = msgspec.json.encode(body)
        return self._shop.ask("POST", "/messages", MessageAnswer, content=content)

    def show(self, number: int) -> MessageAnswer:
        return self._shop.ask("GET", f"/messages/{number}", MessageAnswer)

    def to(self, address: str) -> Sequence[MessageAnswer]:
        return self._shop.ask("GET", "/messages", _Messages, params={"to": address}).items


def _attached(path: Path) -> Attachment:
    try:
        content = path.read_bytes()
    except OSError as error:
        said = error.strerror or str(error)
        raise InputError("attachment.unreadable", said, where=str(path)) from None
    return Attachment(path.name, mimetypes.guess_type(path.name)[0] or UNTYPED, content)
