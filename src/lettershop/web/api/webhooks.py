"""Webhooks: addresses that are told who entered and left segments."""

from typing import Annotated, Any

import msgspec
from django.http import HttpRequest
from ninja import Path, Router

from lettershop.app.running import running
from lettershop.app.shown import instant
from lettershop.app.webhooks import add_webhook, enable_webhook, remove_webhook
from lettershop.engines.duckdb.refresh.tables import Cause
from lettershop.model.clock import format_instant
from lettershop.segments import webhooks as records
from lettershop.segments.models_streams import Delivery as Attempt, Webhook
from lettershop.segments.webhooks import TRIGGERING
from lettershop.web.api.auth import principal_of
from lettershop.web.api.bodies import read_body
from lettershop.web.api.operations import operation
from lettershop.web.api.paging import USUAL, Cursor, Int64, Limit, Page, cut, read_cursor

router = Router()

Name = Annotated[str, Path(description="the name of a webhook")]


class NewWebhook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`name` is lower case with `-`. Without `segments` it is told of all of them."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    url: Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]
    segments: Annotated[tuple[str, ...], msgspec.Meta(max_length=200)] = ()
    causes: tuple[Cause, ...] = TRIGGERING


class OneWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """`reason`: why it is not enabled. `position`: all transitions up to that id were taken.
    `failures` in a row; the next attempt is not before `next_at`."""

    name: str
    url: str
    segments: tuple[str, ...]
    causes: tuple[str, ...]
    enabled: bool
    reason: str
    position: int | None
    failures: int
    next_at: str | None
    created_at: str
    created_by: str


class MadeWebhook(OneWebhook, frozen=True, kw_only=True):
    """`secret` signs its messages: it is shown this once."""

    secret: str


class Webhooks(msgspec.Struct, frozen=True):
    items: list[OneWebhook]


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt. `first` and `last` are ids of transitions, `count` how many were sent; `status`
    is what the address answered, null when it did not."""

    id: int
    at: str
    kind: str
    first: int | None
    last: int | None
    count: int
    attempt: int
    outcome: str
    status: int | None
    message: str
    milliseconds: int


class DeliveriesPage(Page[Delivery], frozen=True):
    """Deliveries, newest first; next is the cursor of the following page, null on the last."""


@operation(router, "GET", "/webhooks", answer=Webhooks)
def list_webhooks(request: HttpRequest) -> Webhooks:
    """All webhooks and how they are."""
    return Webhooks([OneWebhook(**_fields(hook)) for hook in records.webhooks()])


@operation(
    router, "POST", "/webhooks", answer=MadeWebhook, status=201, body=NewWebhook, secret=True
)
def make_webhook(request: HttpRequest) -> MadeWebhook:
    """Add an address to be told of what is found from now on. The secret is shown this once."""
    new = read_body(request, NewWebhook)
    hook, secret = add_webhook(
        new.name,
        new.url,
        new.segments,
        new.causes,
        settings=running().engine.workspace.settings,
        by=principal_of(request),
        at=running().clock.now(),
    )
    return MadeWebhook(secret=secret, **_fields(hook))


@operation(router, "DELETE", "/webhooks/{name}", answer=None, status=204)
def delete_webhook(request: HttpRequest, name: Name) -> None:
    """Tell an address nothing any more."""
    remove_webhook(name, by=principal_of(request), at=running().clock.now())


@operation(router, "POST", "/webhooks/{name}/enable", answer=OneWebhook)
def reenable_webhook(request: HttpRequest, name: Name) -> OneWebhook:
    """Go on where it stopped."""
    return OneWebhook(**_fields(enable_webhook(name, by=principal_of(request))))


@operation(router, "POST", "/webhooks/{name}/test", answer=Delivery)
def try_webhook(request: HttpRequest, name: Name) -> Delivery:
    """Send a test message now, and say what was answered."""
    return _delivery(running().webhooks.test(name))


@operation(router, "GET", "/webhooks/{name}/deliveries", answer=DeliveriesPage)
def list_deliveries(
    request: HttpRequest, name: Name, limit: Limit = USUAL, cursor: Cursor = ""
) -> Page[Delivery]:
    """What was sent to a webhook and how it answered, the newest first."""
    place = read_cursor(request, cursor, tuple[Int64])
    hook = records.find_webhook(name)
    found = records.deliveries(hook, limit + 1, place[0] if place else None)
    return cut(request, [(_delivery(one), (one.pk,)) for one in found], limit)


def _fields(hook: Webhook) -> dict[str, Any]:
    return {
        "name": hook.name,
        "url": hook.url,
        "segments": tuple(hook.segments),
        "causes": tuple(hook.causes),
        "enabled": hook.enabled,
        "reason": hook.reason,
        "position": hook.position,
        "failures": hook.failures,
        "next_at": instant(hook.next_at),
        "created_at": format_instant(hook.created_at),
        "created_by": hook.created_by,
    }


def _delivery(one: Attempt) -> Delivery:
    return Delivery(
        id=one.pk,
        at=format_instant(one.at),
        kind=one.kind,
        first=one.first_id,
        last=one.last_id,
        count=one.count,
        attempt=one.attempt,
        outcome=one.outcome,
        status=one.status,
        message=one.message,
        milliseconds=one.milliseconds,
    )
