"""Whether a server could start with these settings: what its parts say about those they read.

`read_settings` judges what a setting is; here is asked what only their users know, so that a page
cannot leave a workspace behind whose server no longer starts.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from lettershop.app.postoffice.doors import imap_mailbox, lmtp_place
from lettershop.app.sending.parts import limits_of
from lettershop.delivery.building import mailbox
from lettershop.delivery.providers.knowledge import of_workspace
from lettershop.delivery.smtp.choosing import transport
from lettershop.delivery.smtp.exchanges import Book, Unanswered
from lettershop.ingest.log.room import parse_size
from lettershop.model.errors import InputError
from lettershop.model.settings import Settings

LEAST: dict[str, int] = {
    "refresh_seconds": 1,
    "audit_seconds": 1,
    "silence_factor": 1,
    "proof_hours": 1,
    "most_emails": 1,
    "most_anonymous": 1,
    "refusal_days": 1,
    "port": 1,
}
"""Of numbers; of all others 0."""
MOST = 1_000_000


def judge(folder: Path, settings: Settings) -> None:
    """InputError for the first setting that somebody could not work with."""
    _numbers(settings)
    parse_size(settings.most_unloaded, "most_unloaded")
    parse_size(settings.least_free, "least_free")
    knowledge = of_workspace(folder)
    transport(settings.smtp, folder, knowledge, Book(_NoDns()))
    limits_of(settings, knowledge)
    if settings.lmtp:
        lmtp_place(settings.lmtp, folder)
    if settings.imap:
        imap_mailbox(settings.imap)
    for said in (settings.sender, settings.return_address, *settings.seeds):
        if said:
            mailbox(said)
    _public(settings.public_url)


class _NoDns:
    """Nobody is asked anything while settings are judged."""

    async def mx(self, domain: str) -> Sequence[tuple[int, str]]:
        return self._unanswered()

    async def addresses(self, host: str) -> Sequence[str]:
        return self._unanswered()

    def _unanswered(self) -> NoReturn:
        raise Unanswered


def _numbers(settings: Settings) -> None:
    for name in settings.__struct_fields__:
        value = getattr(settings, name)
        if isinstance(value, bool) or not isinstance(value, int):
            continue
        least, most = LEAST.get(name, 0), 65_535 if name == "port" else MOST
        if not least <= value <= most:
            message = f"{name} is a whole number from {least:,} to {most:,}"
            raise InputError("settings.range", message, where=name)


def _public(address: str) -> None:
    if not address:
        return
    try:
        found = urlsplit(address)
        sound = found.scheme in ("http", "https") and bool(found.hostname)
        sound = sound and not (found.query or found.fragment or found.username)
    except ValueError:
        sound = False
    if not sound:
        hint = "https://letters.example.com"
        message = f"“{address[:100]}” is not the address of a server"
        raise InputError("settings.public_url", message, where="public_url", hint=hint)
