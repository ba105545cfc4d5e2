"""What came of letters, told; and refusals during sending, which mean the same as bounces.

Level-triggered: whatever the ledger has not told is due. A refusal is acted on before it is told,
so that it is done at least once, and doing it twice changes nothing.
"""

import threading
from collections import Counter
from collections.abc import Sequence

from lettershop.delivery.ledger.telling import tell
from lettershop.delivery.returns.acts import History, act
from lettershop.delivery.returns.correlating import Match, Sent
from lettershop.delivery.returns.said import Affected, Return
from lettershop.delivery.returns.taking import Doing, carry_out
from lettershop.delivery.said import EmailEvent
from lettershop.delivery.tracking.parties import Emit
from lettershop.model.clock import Clock

REFUSED = "Email Bounced"


class Outcomes:
    """`step` is a job's. `told`: since the start, by what came of them."""

    def __init__(
        self, emit: Emit, sent: Sent, history: History, doing: Doing, clock: Clock
    ) -> None:
        self._emit, self._sent, self._history = emit, sent, history
        self._doing, self._clock = doing, clock
        self._guard = threading.Lock()
        self.told: Counter[str] = Counter()

    def step(self) -> bool:
        """Tell what is due, at most 500; whether there may be more."""
        with self._guard:
            return tell(self._hand_on)

    def _hand_on(self, events: Sequence[EmailEvent]) -> None:
        """Test letters went to our own people: nothing of them is a fact about anybody."""
        real = [event for event in events if event.properties["kind"] != "test"]
        for event in real:
            if event.name == REFUSED:
                self._refused(event)
        if real:
            self._emit(real)
        self.told.update(map(_outcome, real))

    def _refused(self, event: EmailEvent) -> None:
        mailed = self._sent.by_row(event.properties["message"])
        if mailed is None:
            return
        said = event.properties
        affected = Affected(
            address=mailed.address.lower(),
            action="failed",
            status=said.get("status", ""),
            diagnostic=said.get("text", "")[:500],
            bounce_class=said["bounce_class"],
            rule="smtp",
        )
        found = Return(
            kind="bounce",
            id=event.message_id,
            affected=(affected,),
            at=event.at,
            rule="smtp",
            signed=True,
        )
        match, now = Match(mailed, "token", affected), self._clock.now()
        action = act(found, match, self._history.since_success(mailed.address), now)
        carry_out(self._doing, found, match, action, now)


def _outcome(event: EmailEvent) -> str:
    if event.name == REFUSED:
        return "refused"
    return str(event.properties.get("outcome", "accepted"))
