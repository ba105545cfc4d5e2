"""One message on one connection: offered, written down, finished; and what that means."""

from typing import Final

import msgspec
import structlog

from lettershop.delivery.ledger.rows import Kind, Outcome, Row
from lettershop.delivery.senders.journal import Broken, Journal
from lettershop.delivery.senders.lines import Attempting
from lettershop.delivery.senders.parts import Built, Objection, Parts
from lettershop.delivery.wire import Connection, Lost, Reply
from lettershop.model.clock import Clock

log = structlog.get_logger("lettershop.sender")

AGAIN: Final = 60_000
"""Milliseconds after which a transactional message is sent again when nobody knows whether it has
arrived."""
NOBODY_KNOWS: Final = "the connection was lost before the answer"


class Item(msgspec.Struct):
    """A message on its way to a connection. `checked`: when it was asked last whether it may go;
    `objection`: what was answered."""

    row: Row
    built: Built
    checked: int = 0
    objection: Objection = None


class Tried(msgspec.Struct, frozen=True):
    """`alive`: the connection may be used again."""

    outcome: Outcome
    alive: bool


async def attempt(
    item: Item, connection: Connection, parts: Parts, journal: Journal, clock: Clock
) -> Tried:
    """Never raises but Broken, before anything is under way."""
    row = item.row
    pool = parts.pool_of(row.provider)
    try:
        reply = await connection.offer(item.built.outgoing)
    except Exception as error:  # nothing was delivered, whatever it was
        _unless_lost(error, row)
        return Tried(not_reached(item, parts, clock.now(), str(error)), alive=False)
    parts.shaper.told(pool, reply)
    if not reply.taken:
        return Tried(judged(item, reply, parts, clock.now()), alive=reply.code != 421)
    begun = Attempting(row.id, clock.now(), row.attempts + 1, row.unsure, item.built.message_id)
    await journal.write(begun)
    try:
        reply = await connection.finish()
    except Exception as error:  # nobody can know, whatever it was
        _unless_lost(error, row)
        ending = unknown(row.kind, begun, clock.now())
        return Tried(msgspec.structs.replace(ending, text=str(error)), alive=False)
    parts.shaper.told(pool, reply)
    return Tried(judged(item, reply, parts, clock.now()), alive=reply.code != 421)


def judged(item: Item, reply: Reply, parts: Parts, at: int) -> Outcome:
    """What a reply makes of a message: accepted, deferred or refused."""
    tries, row = item.row.attempts + 1, item.row

    def ending(**said: object) -> Outcome:
        return msgspec.convert(
            {
                "id": row.id,
                "at": at,
                "attempted_at": at,
                "attempts": tries,
                "unsure": row.unsure,
                "code": reply.code,
                "status": reply.status,
                "text": reply.text,
                "message_id": item.built.message_id,
                **said,
            },
            Outcome,
        )

    if reply.taken:
        return ending(state="accepted")
    kind = parts.classify(reply)
    if reply.code >= 500:
        return ending(state="refused", bounce_class=kind)
    pause = parts.backoff(tries, reply)
    if pause is None:
        return ending(state="refused", bounce_class=kind, reason="tried too often")
    return ending(state="deferred", bounce_class=kind, due_at=at + round(pause * 1_000))


def not_reached(item: Item, parts: Parts, at: int, said: str) -> Outcome:
    """The server could not be reached, or went away before the message was handed over."""
    found = judged(item, Reply(code=421, text=said), parts, at)
    return msgspec.structs.replace(found, code=0, reason=found.reason or "no connection")


def unknown(kind: Kind, begun: Attempting, at: int, why: str = NOBODY_KNOWS) -> Outcome:
    """A try without an answer. Marketing is not sent again; transactional is, under the same
    Message-ID, so that mail programs may show it once."""
    again = kind == "transactional"
    return Outcome(
        id=begun.id,
        state="deferred" if again else "unknown",
        at=at,
        attempted_at=min(begun.at, at),
        attempts=begun.attempts,
        unsure=begun.unsure + 1,
        due_at=at + AGAIN if again else 0,
        reason=why,
        message_id=begun.message_id,
    )


def _unless_lost(error: Exception, row: Row) -> None:
    """A Lost is nothing to write home about; anything else is a mistake of the transport."""
    if isinstance(error, Broken):
        raise error
    if not isinstance(error, Lost):
        log.error("sender.transport", message=row.id, error=repr(error)[:300])
