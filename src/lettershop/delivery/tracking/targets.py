"""Where links lead after they were sent: few, so all are in memory."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import structlog
from django.db import DatabaseError

from lettershop.delivery.tracking.models import LinkTarget
from lettershop.model.errors import InputError

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
    """Re-pointed links, from memory: no redirect waits for the records. `refresh` is a job, every
    few seconds; when the records do not answer, what was known holds on."""

    def __init__(self) -> None:
        self._known: Mapping[tuple[int, int], str] = {}

    def now(self, send: int, number: int) -> str | None:
        """Where the link leads; None: as it was sent."""
        return self._known.get((send, number))

    def refresh(self) -> bool:
        """Ask the records. Never more to do at once."""
        try:
            rows = LinkTarget.objects.values_list("send", "number", "url")
            self._known = {(send, number): url for send, number, url in rows}
        except DatabaseError as error:
            _log.warning("tracking.targets", error=str(error)[:200])
        return False
