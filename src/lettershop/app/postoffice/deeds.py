"""What is done about returns, done for real: compliance, ledger, records, intake."""

from collections.abc import Callable, Sequence
from typing import Final, Literal, assert_never

import structlog
from django.db import transaction

from lettershop.access.audit import audit
from lettershop.access.principal import Principal
from lettershop.app.compliance import Compliance
from lettershop.compliance.suppression import NewSuppression, of_person
from lettershop.compliance.unsubscribe import unsubscribe
from lettershop.compliance.words import EVERYTHING, stream_scope
from lettershop.delivery.ledger import controls, planning
from lettershop.delivery.returns import bounces, noticeboard
from lettershop.delivery.returns.acts import Action, Suppress
from lettershop.delivery.returns.correlating import Mailed, Match
from lettershop.delivery.returns.said import Return
from lettershop.delivery.said import EmailEvent
from lettershop.delivery.tracking.parties import Emit
from lettershop.model.clock import Clock
from lettershop.model.errors import UsageError

log = structlog.get_logger("lettershop.returns")

SOURCE: Final = "returns"
RETURNS: Final = Principal(SOURCE, "owner", "local")
"""Who acts in the audit trail."""

Owner = Callable[[str, str], str]
"""(contact, account) -> key of owners.toml, "" for none."""


class Deeds:
    """The Protocol `Doing` (delivery/returns/taking.py): each may be done again without effect."""

    def __init__(
        self, compliance: Callable[[], Compliance], owner: Owner, emit: Emit, clock: Clock
    ) -> None:
        self._compliance, self._owner = compliance, owner
        self._emit, self._clock = emit, clock

    def suppress(self, what: Suppress, mailed: Mailed) -> None:
        if not what.address:  # erased meanwhile, and suppressed for that
            return
        scope = EVERYTHING if what.scope == "global" else stream_scope(what.stream)
        match what.reason:
            case "unsubscribe":
                self._unsubscribe(what, scope, mailed)
            case "bounce" | "complaint":
                self._suppress(what, what.reason, scope, mailed)
            case _:
                assert_never(what.reason)

    def count(self, match: Match, action: Action, at: int) -> None:
        bounces.count(match, action, at)

    def stop(self, send: int, why: str) -> None:
        """A campaign is paused, for somebody to look at; one that has ended stays as it is. What is
        written to people one by one goes on: one of them says nothing about the others."""
        found = planning.send(send)
        if found.state != "sending" or found.kind != "campaign":
            return
        try:
            with transaction.atomic():
                controls.pause(send, why)
                audit(RETURNS, "send.pause", f"send:{send}", why=why)
        except UsageError as error:  # it ended just now
            log.info("returns.not_stopped", send=send, why=error.message)

    def tell(self, mailed: Mailed, found: Return, why: str) -> None:
        owner = self._owner(mailed.contact, mailed.account)
        noticeboard.put_up(mailed, found, why, owner, self._clock.now())

    def emit(self, facts: Sequence[EmailEvent]) -> None:
        self._emit(facts)

    def _suppress(
        self, what: Suppress, reason: Literal["bounce", "complaint"], scope: str, mailed: Mailed
    ) -> None:
        """Once for each letter: what somebody undid since, a second copy does not do again."""
        now, mark = self._compliance(), f"message {mailed.row}: "
        before = of_person(now.book.hashed(what.address).hash)
        if any(one.source == SOURCE and one.note.startswith(mark) for one in before):
            return
        new = NewSuppression(
            address=what.address, scope=scope, reason=reason, source=SOURCE, note=mark + what.note
        )
        now.suppress(new, RETURNS)

    def _unsubscribe(self, what: Suppress, scope: str, mailed: Mailed) -> None:
        """As if they had clicked: the consents it covers end too."""
        now = self._compliance()
        unsubscribe(
            now.book,
            now.policy,
            what.address,
            scope=scope,
            source="reply",
            proof={"row": str(mailed.row), "note": what.note},
            at=self._clock.now(),
        )
