"""How sending and returns are doing, in figures for monitoring."""

from collections.abc import Iterator, Mapping
from typing import Final

from django.db import connection

from lettershop.app.postoffice.returning import Returns
from lettershop.app.postoffice.senders import Senders
from lettershop.app.vitals import Vital
from lettershop.delivery.ledger import planning
from lettershop.delivery.returns.bounces import by_class
from lettershop.model.clock import HOUR, SECOND, Clock

OLDEST: Final = """
SELECT due_at, planned_at FROM delivery_message
WHERE send_id = %s AND state IN ('planned', 'deferred') AND due_at <= %s
ORDER BY due_at, id LIMIT 1
"""


def figures(
    senders: Senders, returns: Returns, told: Mapping[str, int], clock: Clock
) -> Iterator[Vital]:
    text = "Sender processes that are running."
    yield Vital(name="senders_alive", help=text, value=senders.alive)
    text = "Letters whose outcome has become a fact, by outcome, since the start."
    for outcome in ("accepted", "refused", "unknown"):
        labels = {"outcome": outcome}
        value = told.get(outcome, 0)
        yield Vital(name="letters_total", help=text, value=value, kind="counter", labels=labels)
    text = "For how long the oldest letter waits that could be sent now."
    yield Vital(name="letter_oldest_due_seconds", help=text, value=oldest_due(clock.now()) / SECOND)
    text = "Bounces of the last 60 minutes that count, by class."
    for kind, value in sorted(by_class(clock.now() - HOUR).items()):
        labels = {"class": kind}
        yield Vital(name="bounces_last_hour", help=text, value=value, labels=labels)
    text = "Mails that came back and wait to be taken in."
    yield Vital(name="returns_waiting", help=text, value=returns.spool.count())
    text = "Mails that came back and were taken in, since the start."
    yield Vital(name="returns_total", help=text, value=returns.taken, kind="counter")


def oldest_due(now: int) -> int:
    """Milliseconds, 0 when nothing waits. One look into an index for each send that is going."""
    oldest = now
    for send in planning.going():
        with connection.cursor() as cursor:
            cursor.execute(OLDEST, [send.id, now])
            for due_at, planned_at in cursor.fetchall():
                oldest = min(oldest, max(due_at, planned_at, send.started_at))
    return now - oldest
