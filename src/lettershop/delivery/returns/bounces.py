"""Bounces, counted in the records: once per letter and class, however often that is told."""

from collections.abc import Sequence
from typing import Final

from django.db.models import Count

from lettershop.compliance.addresses import comparable
from lettershop.delivery.models import Bounce, Message
from lettershop.delivery.returns.acts import Action, Past
from lettershop.delivery.returns.correlating import Match
from lettershop.delivery.said import BounceClass
from lettershop.model.clock import DAY, Clock

STAYED: Final = 3 * DAY
"""ms after which a letter without a bounce has stayed."""
MOST: Final = 200
"""Bounces of one address that are looked at: the newest."""


class Bounces:
    """The Protocol `History` (acts.py), and `count` of `Doing` (taking.py)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def since_success(self, address: str) -> Sequence[Past]:
        """See History. A letter that bounced at all did not stay, however late it did."""
        mailbox = comparable(address)
        if mailbox is None:
            return []
        newest = Bounce.objects.filter(mailbox=mailbox).order_by("-at", "-id")[:MOST]
        known = [*reversed(newest)]
        if not known:
            return []
        since = self._stayed(mailbox, known)
        return [
            Past(one.at, one.bounce_class, one.row)
            for one in known
            if one.against == "address" and one.at > since
        ]

    def _stayed(self, mailbox: str, known: Sequence[Bounce]) -> int:
        """When the last letter went out that stayed; 0 for none since the first of the bounces."""
        accepted = Message.objects.filter(
            mailbox=mailbox,
            state="accepted",
            attempted_at__gt=known[0].at,
            attempted_at__lte=self._clock.now() - STAYED,
        )
        stayed = accepted.exclude(id__in=[one.row for one in known]).exclude(send__kind="test")
        return stayed.order_by("-attempted_at").values_list("attempted_at", flat=True).first() or 0


def count(match: Match, action: Action, at: int) -> bool:
    """Against the address or the stream, as the act says. Whether it was new."""
    mailed = match.mailed
    kind: BounceClass = match.affected.bounce_class if match.affected else "unclear"
    _, new = Bounce.objects.get_or_create(
        row=mailed.row,
        bounce_class=kind,
        defaults={
            "send": mailed.send,
            "stream": mailed.stream,
            "mailbox": comparable(mailed.address) or mailed.address.lower(),
            "against": "stream" if action.counts == "stream" else "address",
            "at": at,
        },
    )
    return new


def by_class(since: int) -> dict[BounceClass, int]:
    """How many came since then (ms), by class; the classes that count only."""
    found = Bounce.objects.filter(at__gte=since).values_list("bounce_class").annotate(Count("id"))
    return dict(found)
