"""What tells a letter from all others: its Message-ID, the address its bounces come back to, its
own links. All of it is signed with the workspace's secret, none of it is kept."""

import hmac
import re
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Final

from lettershop.app import public, records
from lettershop.app.connecting import address
from lettershop.delivery.returns.verp import verp
from lettershop.delivery.tracking import Addresses
from lettershop.model.settings import Settings

LEAVE: Final = "unsubscribe_url"
_KNOWN: Final = re.compile(r"<\d+\.([A-Za-z0-9_-]{1,44})@[^<>]+>")
_TOKEN: Final = 9
"""Bytes: 72 bits, nobody guesses the Message-ID of a letter that was not theirs."""


class Marks:
    """Of one workspace. `addresses`: of our own pages in letters."""

    def __init__(self, data: Path, settings: Settings) -> None:
        self._secret = records.secret_key(data).encode("ascii")
        self._key = hmac.digest(self._secret, b"lettershop message id\x01", "sha256")
        self._returns = settings.return_address.rpartition("@")[2].strip()
        self.addresses = Addresses(public.tokens(data), address(settings))

    def token(self, row: int, message_id: str) -> str:
        """Of a Message-ID: the same at every try, or that of the one it has already."""
        known = _KNOWN.fullmatch(message_id)
        if known is not None:
            return known[1]
        mac = hmac.digest(self._key, row.to_bytes(8, "big"), "sha256")
        return urlsafe_b64encode(mac[:_TOKEN]).decode("ascii")

    def envelope_sender(self, row: int, sender: str) -> str:
        """Where bounces go: an address of this letter alone; without returns that of `sender`."""
        return verp(self._secret, row, self._returns) if self._returns else sender

    def leave_mail(self, row: int) -> str:
        """`mailto:` to unsubscribe (RFC 2369); "" where mail does not come back to us."""
        if not self._returns:
            return ""
        return f"mailto:{verp(self._secret, row, self._returns, 'leave')}?subject=unsubscribe"

    def links(self, row: int) -> dict[str, str]:
        """The variables that letters have for them."""
        leave = self.addresses.leave(row)
        return {LEAVE: leave, "preferences_url": self.addresses.preferences_of(leave)}
