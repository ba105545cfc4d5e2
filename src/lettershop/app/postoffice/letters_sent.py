"""Whose letter a return is about; those that are about nobody are left out."""

from collections.abc import Sequence

from lettershop.delivery.ledger.asked import Sent
from lettershop.delivery.models import Send
from lettershop.delivery.returns.correlating import Mailed

ERASED = "erased:"
"""How rows are called whose person was erased."""


class LettersSent:
    """The Protocol `Sent` (delivery/returns/correlating.py), but for test letters, which go to our
    own people in the place of somebody, and for people who were erased."""

    def __init__(self) -> None:
        self._ledger = Sent()

    def by_row(self, row: int) -> Mailed | None:
        return _real(self._ledger.by_row(row))

    def by_message_id(self, ids: Sequence[str]) -> Mailed | None:
        return _real(self._ledger.by_message_id(ids))

    def by_address(self, address: str, after: int, before: int) -> Mailed | None:
        return _real(self._ledger.by_address(address, after, before))


def _real(found: Mailed | None) -> Mailed | None:
    if found is None or found.contact.startswith(ERASED):
        return None
    return None if Send.objects.filter(id=found.send, kind="test").exists() else found
