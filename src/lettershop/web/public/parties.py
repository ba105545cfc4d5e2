"""What the public pages need of others; set once at start, as the running server is."""

from typing import Final

import msgspec
import structlog
from django.http import Http404

from lettershop.app.preflight.one_click import set_post, through_pages
from lettershop.delivery.said import EmailEvent
from lettershop.delivery.tracking.hits import Hit, HitFolder
from lettershop.delivery.tracking.parties import Addressee, Emit, FindAddressees, Wishes
from lettershop.delivery.tracking.targets import Targets
from lettershop.delivery.tracking.tokens import Tokens
from lettershop.model.clock import Clock
from lettershop.model.errors import LettershopError
from lettershop.web.public.limits import Allowance

_log = structlog.get_logger("lettershop.public")


class Public(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """`guesses`: wrong tokens per network; `changes`: what one letter's token may change."""

    tokens: Tokens
    clock: Clock
    hits: HitFolder
    targets: Targets
    addressees: FindAddressees
    wishes: Wishes
    emit: Emit
    guesses: Allowance = msgspec.field(default_factory=lambda: Allowance(60, 60.0))
    changes: Allowance = msgspec.field(default_factory=lambda: Allowance(60, 3600.0))

    def addressee(self, row: int) -> Addressee | None:
        return self.addressees([row]).get(row)

    def keep(self, hit: Hit) -> None:
        """Nobody waits for a lost count: it is logged, and the reader goes on."""
        try:
            if not self.hits.add(hit):
                _log.warning("tracking.full")
        except OSError as error:
            _log.error("tracking.lost", error=str(error))

    def tell(self, event: EmailEvent) -> None:
        """What they asked for is done already; the fact about it is worth a line if it is lost."""
        try:
            self.emit([event])
        except LettershopError as error:
            _log.error("tracking.untold", id=event.message_id, code=error.code)


_current: Final[list[Public]] = []


def public() -> Public:
    """Of this process. Http404 where nothing is sent from here."""
    if not _current:
        raise Http404
    return _current[-1]


def set_public(parties: Public | None) -> None:
    _current.clear()
    if parties is not None:
        _current.append(parties)
    set_post(None if parties is None else through_pages)
