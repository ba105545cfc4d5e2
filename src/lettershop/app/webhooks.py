"""Sending transitions to webhooks: who is due gets its next message, each on a thread of its own.

    step: what came back is written down -> who is due is read for -> sent beside the job

Nothing lives only in memory: a message under way when the process dies is sent again, from the
webhook's cursor. So an address hears everything at least once, and in order.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Final, cast
from urllib.parse import urlsplit

import msgspec
from django.db import transaction

from lettershop.access.audit import audit
from lettershop.access.principal import Principal
from lettershop.app.changes import Changed, told
from lettershop.app.engine import Engine
from lettershop.app.vitals import Vital
from lettershop.engines.duckdb.refresh.tables import Cause
from lettershop.engines.duckdb.store import Store
from lettershop.engines.duckdb.transitions import (
    Asked,
    last_detected_by,
    last_transition,
    transitions,
)
from lettershop.model.clock import SECOND, Clock, format_instant
from lettershop.model.settings import Settings
from lettershop.outgoing.post import Answered, post
from lettershop.segments import webhooks as records
from lettershop.segments.models_streams import Delivery, Kind, Webhook

MOST: Final = 100
"""Transitions in one message."""
AT_ONCE: Final = 8
PATIENCE: Final = 0.2
"""Seconds a step waits for answers before it lets the job rest."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent. Of a test `transitions` is empty."""

    type: Kind
    webhook: str
    sent_at: str
    transitions: Sequence[Changed]


class _Flight(msgspec.Struct, frozen=True):
    """A message under way, and the transitions in it."""

    hook: Webhook
    first: int
    last: int
    count: int
    answer: Future[Answered]


class Webhooks:
    """`step` is a job's; the rest may be called from any thread."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self._pool = ThreadPoolExecutor(AT_ONCE, "webhook")
        self._flights: dict[int, _Flight] = {}
        self._checked: dict[int, int] = {}
        """By webhook: up to which transition there is nothing for it."""
        self._waiting: dict[str, int] = {}
        """By name: since when the oldest transition it has not taken waits; 0: none does."""
        self._failed = 0

    def step(self) -> bool:
        """Move everything that is due one message on; whether more may be due at once."""
        landed = self._land()
        hooks = records.webhooks()
        self._waiting = {hook.name: self._waiting.get(hook.name, 0) for hook in hooks}
        due = [hook for hook in hooks if self._is_due(hook)]
        if due:
            self._start(due)
        under_way = [flight.answer for flight in self._flights.values()]
        wait(under_way, PATIENCE, FIRST_COMPLETED)
        return bool(landed) or any(answer.done() for answer in under_way)

    def stop(self) -> None:
        """What is under way is not waited for: it is sent again at the next start."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def test(self, name: str) -> Delivery:
        """Send a test message now and wait for the answer. NotFound `webhook.unknown`."""
        hook, at = records.find_webhook(name), self._clock.now()
        return send_test(hook, at, self._engine.workspace.settings.webhook_hosts)

    def figures(self) -> Iterator[Vital]:
        now = self._clock.now()
        for name, since in sorted(self._waiting.items()):
            yield Vital(
                name="webhook_lag_seconds",
                help="For how long the oldest transition waits that the webhook has not taken.",
                value=max(0, now - since) / SECOND if since else 0,
                labels={"webhook": name},
            )
        text = "Messages to webhooks that were not taken."
        yield Vital(name="webhook_failed_total", help=text, value=self._failed, kind="counter")

    def _is_due(self, hook: Webhook) -> bool:
        later = hook.next_at is not None and hook.next_at > self._clock.now()
        return hook.enabled and not later and hook.pk not in self._flights

    def _land(self) -> list[_Flight]:
        """Write down the answers that have come."""
        landed = [flight for flight in self._flights.values() if flight.answer.done()]
        for flight in landed:
            del self._flights[flight.hook.pk]
            answer = flight.answer.result()
            self._failed += not answer.taken
            records.record(
                flight.hook,
                answer,
                at=self._clock.now(),
                first=flight.first,
                last=flight.last,
                count=flight.count,
            )
            if answer.taken:
                self._waiting[flight.hook.name] = 0
        return landed

    def _start(self, due: Sequence[Webhook]) -> None:
        with self._engine.read() as workspace:
            store, allowed = workspace.store, workspace.settings.webhook_hosts
            end = last_transition(store)
            for hook in due:
                after = self._place(store, hook, end)
                if after < end:
                    self._send(store, hook, after, end, allowed)

    def _send(
        self, store: Store, hook: Webhook, after: int, end: int, allowed: Sequence[str]
    ) -> None:
        """Begin the next message, when there is anything to say."""
        found = transitions(store, _asked(hook), after=after, limit=MOST)
        if not found:
            self._checked[hook.pk], self._waiting[hook.name] = end, 0
            return
        first, last, since = found[0].id, found[-1].id, found[0].detected_at
        at = self._clock.now()
        body = encoded("transitions", hook, at, told(store, found))
        answer = self._pool.submit(_posted, hook, "transitions", at, body, allowed)
        self._waiting[hook.name] = since
        self._flights[hook.pk] = _Flight(hook, first, last, len(found), answer)

    def _place(self, store: Store, hook: Webhook, end: int) -> int:
        """After which transition to go on; a cursor beyond the end is from another database."""
        if hook.position is None:
            records.begin_at(hook, last_detected_by(store, hook.created_at))
        elif hook.position > end:
            records.begin_at(hook, end)
        checked = self._checked.get(hook.pk, -1)
        return max(cast(int, hook.position), checked if checked <= end else -1)


def add_webhook(
    name: str,
    url: str,
    segments: Sequence[str],
    causes: Sequence[str],
    *,
    settings: Settings,
    by: Principal,
    at: int,
) -> tuple[Webhook, str]:
    """See `segments.webhooks.create_webhook`; with an entry in the audit trail."""
    with transaction.atomic():
        hook, secret = records.create_webhook(
            name,
            url,
            segments=segments,
            causes=causes or records.TRIGGERING,
            allowed=settings.webhook_hosts,
            by=by.name,
            at=at,
        )
        host = urlsplit(url).hostname  # what follows may hold a secret of theirs
        audit(by, "webhook.create", name, host=host, segments=hook.segments, causes=hook.causes)
    return hook, secret


def remove_webhook(name: str, *, by: Principal, at: int) -> Webhook:
    """NotFound `webhook.unknown`."""
    with transaction.atomic():
        hook = records.remove_webhook(name, at)
        audit(by, "webhook.remove", name)
    return hook


def enable_webhook(name: str, *, by: Principal) -> Webhook:
    """NotFound `webhook.unknown`."""
    with transaction.atomic():
        hook = records.enable_webhook(name)
        audit(by, "webhook.enable", name)
    return hook


def send_test(hook: Webhook, at: int, allowed: Sequence[str]) -> Delivery:
    """Send a test message, and wait for the answer."""
    answer = _posted(hook, "test", at, encoded("test", hook, at, ()), allowed)
    return records.record(hook, answer, at=at, first=None, last=None, count=0, kind="test")


def encoded(kind: Kind, hook: Webhook, at: int, found: Sequence[Changed]) -> bytes:
    """The body of a message."""
    message = Message(
        type=kind, webhook=hook.name, sent_at=format_instant(at), transitions=tuple(found)
    )
    return msgspec.json.encode(message)


def _asked(hook: Webhook) -> Asked:
    causes = cast(tuple[Cause, ...], tuple(hook.causes))
    return Asked(segments=tuple(hook.segments), causes=causes)


def _posted(hook: Webhook, kind: Kind, at: int, body: bytes, allowed: Sequence[str]) -> Answered:
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Lettershop",
        "Lettershop-Webhook": hook.name,
        "Lettershop-Message": kind,
        "Lettershop-Signature": records.signature(records.secret_of(hook), at, body),
    }
    return post(hook.url, body, headers, allowed)
