"""Which transport the setting `smtp` means."""

from pathlib import Path
from typing import Final

from lettershop.delivery.mailbox.transport import FILE, MailboxTransport
from lettershop.delivery.providers.knowledge import Knowledge
from lettershop.delivery.smtp.address import smart_host
from lettershop.delivery.smtp.direct import Direct
from lettershop.delivery.smtp.envelope import Envelope, domain
from lettershop.delivery.smtp.exchanges import Book
from lettershop.delivery.smtp.smarthost import SmartHost
from lettershop.delivery.transports import FolderTransport
from lettershop.delivery.wire import Transport
from lettershop.model.errors import InputError

DIRECT: Final = "mx://"
"""`mx://mail.example.com`: to the recipients' own servers; we call ourselves by that name."""
MAILBOX: Final = "mailbox"
"""The built-in mailbox, whose file is shown by a page: nothing leaves this machine."""


def is_direct(setting: str) -> bool:
    """Whether there is a pool for each provider; otherwise there is one, "" ."""
    return setting.startswith(DIRECT)


def transport(setting: str, folder: Path, knowledge: Knowledge, book: Book) -> Transport:
    """`folder`: where letters go as files when the setting is empty; the mailbox's file is beside
    it. InputError `settings.smtp`."""
    if not setting:
        return FolderTransport(folder)
    if setting == MAILBOX:
        return MailboxTransport(folder.with_name(FILE))
    if is_direct(setting):
        return Direct(book, knowledge.of, _own_name(setting))
    return SmartHost(smart_host(setting), most=knowledge.smart_host.messages)


def _own_name(setting: str) -> str:
    name = setting.removeprefix(DIRECT).rstrip("/")
    try:
        if "." not in name:
            raise Envelope(553, "", "")
        return domain(f"postmaster@{name}")
    except Envelope:
        hint = "mx://mail.example.com: the name that DNS gives this machine, forwards and backwards"
        raise InputError("settings.smtp", "mx:// names this machine", hint=hint) from None
