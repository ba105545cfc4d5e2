"""Where links lead after they were sent: few, so all are kept in memory for a few seconds."""

import threading
from collections.abc import Mapping
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

import structlog
from django.db import DatabaseError

from lettershop.delivery.tracking.models import LinkTarget
from lettershop.model.errors import InputError

FRESH: Final = 5.0
"""Seconds after which the records are asked again."""
_log = structlog.get_logger("lettershop.tracking")


def repoint(send: int, number: int, url: str, *, by: str, at: int) -> None:
    """From now on link `number` of this send leads to `url`. InputError `link.target`."""
    parts = urlsplit(url)
    odd = any(c <= " " or c == "\x7f" for c in url)
    if parts.scheme not in ("http", "https") or not parts.hostname or odd:
        hint = "https://example.com/page"
        raise InputError("link.target", f"“{url[:100]}” is not a web address", hint=hint)
    said = {"url": url, "by": by[:200], "at": at}
    LinkTarget.objects.update_or_create(send=send, number=number, defaults=said)


def as_sent(send: int, number: int) -> bool:
    """The link leads again where it led when it was sent. Whether it did not."""
    return LinkTarget.objects.filter(send=send, number=number).delete()[0] > 0


class Targets:
    """Re-pointed links, from memory. When the records do not answer, what was known holds on."""

    def __init__(self) -> None:
        self._known: Mapping[tuple[int, int], str] = {}
        self._asked = -FRESH
        self._asking = threading.Lock()

    def now(self, send: int, number: int) -> str | None:
        """Where the link leads; None: as it was sent."""
        if monotonic() - self._asked >= FRESH and self._asking.acquire(blocking=False):
            try:
                self._ask()
            finally:
                self._asking.release()
        return self._known.get((send, number))

    def _ask(self) -> None:
        try:
            rows = LinkTarget.objects.values_list("send", "number", "url")
            self._known = {(send, number): url for send, number, url in rows}
        except DatabaseError as error:
            _log.warning("tracking.targets", error=str(error)[:200])
        self._asked = monotonic()
