"""What the built-in mailbox of a workspace has received, for the page that shows it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lettershop.app.workspace import DATABASE
from lettershop.delivery.mailbox.store import Store
from lettershop.delivery.mailbox.transport import FILE
from lettershop.delivery.smtp.address import is_here, smart_host
from lettershop.delivery.smtp.choosing import MAILBOX, is_direct
from lettershop.model.errors import InputError, NotFound
from lettershop.model.settings import Settings


def mailbox_file(folder: Path, settings: Settings) -> Path | None:
    """Its file, where letters of the workspace `folder` go there: by `smtp = "mailbox"`, or by a
    mail server on this machine while `lettershop mailbox` keeps what it gets in this workspace."""
    if settings.smtp != MAILBOX and not _to_this_machine(settings.smtp):
        return None
    path = folder / DATABASE.parent / FILE
    return path if settings.smtp == MAILBOX or path.exists() else None


@contextmanager
def opened_mailbox(folder: Path, settings: Settings) -> Iterator[Store]:
    """NotFound `mailbox.none` where letters go elsewhere."""
    path = mailbox_file(folder, settings)
    if path is None:
        hint = 'smtp = "mailbox" in lettershop.toml'
        raise NotFound("mailbox.none", "letters do not go to the built-in mailbox", hint=hint)
    store = Store(path)
    try:
        yield store
    finally:
        store.close()


def _to_this_machine(smtp: str) -> bool:
    if not smtp or is_direct(smtp):
        return False
    try:
        return is_here(smart_host(smtp).host)
    except InputError:
        return False
