"""What returns hold of a person: bounces, notices, and mails nobody could make sense of."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lettershop.delivery.models_returns import Bounce, Notice
from lettershop.model.clock import format_instant


class ReturnsHolder:
    """compliance.person.Holder. `spool`: where mails wait, and those laid aside (spool.py)."""

    def __init__(self, spool: Path) -> None:
        self._spool = spool

    def export(self, addresses: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        """The oldest first."""
        bounces = Bounce.objects.filter(mailbox__in=[*addresses]).order_by("id")
        notices = Notice.objects.filter(mailbox__in=[*addresses]).order_by("id")
        return [
            *(
                {
                    "kind": "bounce",
                    "address": one.mailbox,
                    "message": one.row,
                    "class": one.bounce_class,
                    "at": format_instant(one.at),
                }
                for one in bounces
            ),
            *(
                {
                    "kind": f"notice: {one.kind}",
                    "address": one.mailbox,
                    "message": one.row,
                    "to": one.owner,
                    "said": one.said,
                    "at": format_instant(one.at),
                }
                for one in notices
            ),
        ]

    def erase(self, addresses: Sequence[str]) -> Sequence[str]:
        """Bounces stay as numbers of their stream. Mails that wait are about letters that name
        nobody any more: they are taken in without effect."""
        kept = Bounce.objects.filter(mailbox__in=[*addresses]).update(mailbox="")
        Notice.objects.filter(mailbox__in=[*addresses]).delete()
        for path in self._about(addresses):
            path.unlink(missing_ok=True)
        return [f"{kept:,} bounce(s) counted that name nobody"] if kept else []

    def _about(self, addresses: Sequence[str]) -> Iterator[Path]:
        """Mails laid aside that speak of them."""
        wanted = [address.encode() for address in addresses if address]
        for path in self._spool.glob("failed/*.mail"):
            mail = path.read_bytes().lower()
            if any(address in mail for address in wanted):
                yield path
