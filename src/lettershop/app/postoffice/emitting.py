"""Facts of our own, into the intake like everybody's: through the raw log, as a batch of calls.

What the loader makes of them, and what a rebuild makes again, is what it makes of any source. Two
names differ from those of other mail tools: the address is in `address`, since as `email` it would
be an identity, and make one person of two who share a mailbox; bounces also have the `type` that
others say (hard, soft, blocked), for conditions that are about all of them.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

import msgspec

from lettershop.delivery.said import BounceClass, EmailEvent
from lettershop.model.clock import Clock, format_instant
from lettershop.model.errors import Unavailable

SOURCE: Final = "lettershop"
"""The built-in source that they come from."""
SOME: Final = 500
"""Events in one request of the log."""
PATIENCE: Final = 30.0
"""Seconds to wait for the disk."""
_TYPES: Final[Mapping[BounceClass, str]] = {
    "dead": "hard",
    "perhaps_dead": "soft",
    "full": "soft",
    "policy": "blocked",
    "message": "blocked",
    "temporary": "soft",
    "auto_reply": "soft",
    "unclear": "soft",
}
_NAMES: Final = {"user": "userId", "anon": "anonymousId"}

Json = dict[str, Any]


class Log(Protocol):
    """`ingest.log.LogWriter`."""

    def append(
        self,
        source: str,
        call: str,
        body: bytes,
        received_at: int,
        on_done: Callable[[Unavailable | None], None],
        /,
    ) -> None: ...


class Emitter:
    """`emit`: call it with facts; on the disk when it returns. Unavailable when the log refuses."""

    def __init__(self, log: Log, clock: Clock) -> None:
        self._log, self._clock = log, clock

    def __call__(self, events: Sequence[EmailEvent]) -> None:
        calls = [*_calls(events)]
        for start in range(0, len(calls), SOME):
            self._write(msgspec.json.encode({"batch": calls[start : start + SOME]}))

    def _write(self, body: bytes) -> None:
        written, said = threading.Event(), list[Unavailable | None]()

        def done(failure: Unavailable | None) -> None:
            said.append(failure)
            written.set()

        self._log.append(SOURCE, "batch", body, self._clock.now(), done)
        if not written.wait(PATIENCE):
            raise Unavailable("intake.slow", "the disk does not answer", retry_after=10)
        if said[0] is not None:
            raise said[0]


def _calls(events: Sequence[EmailEvent]) -> Iterator[Json]:
    """Of those that are about somebody: erased people and test letters are about nobody."""
    for event in events:
        kind, _, name = event.contact.partition(":")
        who: Json = {_NAMES[kind]: name} if kind in _NAMES else {}
        context: Json = {"groupId": event.account} if event.account else {}
        if kind == "email":
            context["traits"] = {"email": name}
        if not name or not (who or "traits" in context):
            continue
        yield {
            "type": "track",
            "event": event.name,
            "messageId": event.message_id,
            "timestamp": format_instant(event.at),
            "properties": _properties(event),
            **who,
            **({"context": context} if context else {}),
        }


def _properties(event: EmailEvent) -> Json:
    said = event.properties
    found = {name: value for name, value in said.items() if name != "email"}
    if said.get("email"):
        found["address"] = said["email"]
    if event.name == "Email Bounced" and "bounce_class" in said:
        found["type"] = _TYPES[said["bounce_class"]]
    return found
