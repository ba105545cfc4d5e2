"""Webhooks of mail providers: checked, read, and taken in before they are answered."""

from collections.abc import Callable, Mapping
from typing import Final

from lettershop.delivery.returns.taking import Taking
from lettershop.delivery.returns.vendors import ses
from lettershop.delivery.returns.vendors.parsing import VENDORS, Vendor, parse
from lettershop.model.clock import Clock
from lettershop.model.errors import NotFound, Unavailable
from lettershop.model.settings import Settings
from lettershop.outgoing.get import get

SECONDS: Final = 10.0
"""For a certificate of Amazon's, and to confirm a subscription."""
MOST_KNOWN: Final = 16
"""Certificates that are remembered."""

Ask = Callable[[str], bytes]
"""The answer of an https address of Amazon's. Unavailable `hook.fetch`."""


class Hooks:
    """`take` a message to /hooks/mail/VENDOR."""

    def __init__(
        self, settings: Settings, taking: Taking, clock: Clock, ask: Ask | None = None
    ) -> None:
        self._secrets: Mapping[Vendor, str] = {
            "ses": settings.hook_ses,
            "sendgrid": settings.hook_sendgrid,
            "postmark": settings.hook_postmark,
            "mailgun": settings.hook_mailgun,
        }
        self._taking, self._clock = taking, clock
        self._ask = ask or asked
        self._certificates: dict[str, bytes] = {}

    def take(self, vendor: str, headers: Mapping[str, str], body: bytes) -> int:
        """How many returns it told of. All of them have had their effect; some of them when this
        raises: told again, they have no second one.

        NotFound `hook.unknown` where nothing is set up for this provider; Unavailable; otherwise as
        `parse`."""
        known = next((one for one in VENDORS if one == vendor), None)
        secret = self._secrets[known] if known is not None else ""
        if known is None or not secret:
            raise NotFound("hook.unknown", "nothing listens here", hint="the settings hook_…")
        now = self._clock.now()
        found = parse(known, headers, body, secret, now=now, fetch=self._certificate)
        for one in found:
            self._taking.take(one)
        if known == "ses" and not found:
            self._confirm(body, secret)
        return len(found)

    def _confirm(self, body: bytes, secret: str) -> None:
        """SNS asks whether we want to be told: for topics that the setting names we do."""
        url = ses.subscription(body, secret.split(), self._certificate)
        if url is not None:
            self._ask(url)

    def _certificate(self, url: str) -> bytes:
        found = self._certificates.get(url)
        if found is None:
            if len(self._certificates) >= MOST_KNOWN:
                self._certificates.clear()
            found = self._certificates[url] = self._ask(url)
        return found


def asked(url: str) -> bytes:
    """`url` has been seen to lead to Amazon; anything else is not asked, whoever says so."""
    if not ses.is_amazon(url):
        raise Unavailable("hook.fetch", "this is no address of Amazon's")
    host = url.split("/")[2]
    reply = get(url, [host], SECONDS)
    if reply.trouble is not None:
        raise Unavailable("hook.fetch", f"Amazon does not answer: {reply.message}", retry_after=60)
    return reply.body
