"""Returns on their way in: kept first (data/returns), then taken in, each with one effect."""

from collections.abc import Sequence
from email.utils import parseaddr
from pathlib import Path
from typing import Final

from django.db import InterfaceError, OperationalError

from lettershop.app import records
from lettershop.app.postoffice.doors import LmtpDoor, imap_mailbox
from lettershop.app.public import OLDER
from lettershop.delivery.returns.acts import History
from lettershop.delivery.returns.correlating import Sent
from lettershop.delivery.returns.imap import fetch
from lettershop.delivery.returns.spool import FOLDER, Spool
from lettershop.delivery.returns.taking import Doing, Taken, Taking
from lettershop.delivery.returns.verp import unverp
from lettershop.model.clock import Clock
from lettershop.model.errors import Unavailable
from lettershop.model.settings import Settings

SOME: Final = 200
"""Mails of one step."""


class Returns:
    """`step` and `fetch` are jobs'; `start` opens the door for LMTP, `stop` closes it. `taking` is
    for what comes by webhook."""

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        parties: tuple[Sent, History, Doing],
        clock: Clock,
    ) -> None:
        """`folder`: of the workspace. InputError `settings.lmtp`, `settings.imap`."""
        data = folder / "data"
        self._secrets = secrets(data)
        self.taking = Taking(*parties, self._secrets[0], clock)
        self.spool = Spool(data / FOLDER)
        self._ours = our_addresses(settings)
        self.lmtp = (
            LmtpDoor(settings.lmtp, folder, self._keep, self.accepts) if settings.lmtp else None
        )
        self._mailbox = imap_mailbox(settings.imap) if settings.imap else None
        self.taken = 0
        """Mails taken in since the start."""
        self.fetches = self._mailbox is not None

    def start(self) -> None:
        """UsageError `lmtp.open`, `lmtp.address`."""
        if self.lmtp is not None:
            self.lmtp.start()

    def stop(self) -> None:
        if self.lmtp is not None:
            self.lmtp.stop()

    def step(self) -> bool:
        """Take in what waits; raises the last error of those that could not be."""
        done = self.spool.work(self._take, SOME)
        return done == SOME

    def fetch(self) -> bool:
        """Bring what lies in the mailbox. Raises as `imap.fetch`."""
        return self._mailbox is not None and fetch(self._mailbox, self._keep) > 0

    def accepts(self, address: str) -> bool:
        """Whether mail to it is for us: a token of ours, or an address letters come from."""
        if address in self._ours:
            return True
        return any(
            unverp(secret, address) is not None or unverp(secret, address, "leave") is not None
            for secret in self._secrets
        )

    def _keep(self, mail: bytes, envelope: Sequence[str]) -> None:
        self.spool.put(mail, envelope)

    def _take(self, mail: bytes, envelope: Sequence[str]) -> Taken:
        """Unavailable also when the records do not answer: the mail waits until they do."""
        try:
            found = self.taking.mail(mail, envelope)
        except (OperationalError, InterfaceError) as error:
            raise Unavailable("records.unreachable", str(error)[:200], retry_after=10) from error
        self.taken += 1
        return found


def secrets(data: Path) -> tuple[bytes, ...]:
    """The workspace's, and those before it."""
    older = data / OLDER
    said = older.read_text("ascii").split() if older.exists() else []
    return tuple(one.encode("ascii") for one in (records.secret_key(data), *said))


def our_addresses(settings: Settings) -> frozenset[str]:
    """To which people answer, lower case."""
    said = (settings.sender, settings.return_address)
    return frozenset(address.lower() for one in said if (address := parseaddr(one)[1]))
