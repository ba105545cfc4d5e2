"""Webhooks: addresses that are told who entered and left, in order, at least once.

Each has a cursor of its own, which moves when the address has answered 2xx. An address that does
not is asked again ever more rarely; after GIVE_UP it is disabled, and says so until somebody
enables it: then it goes on where it stopped.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from django.conf import settings as django_settings
from django.db import IntegrityError, transaction

from lettershop.engines.duckdb.refresh.tables import CAUSES, Cause
from lettershop.model.clock import DAY, HOUR, SECOND
from lettershop.model.errors import InputError, NotFound
from lettershop.outgoing.post import Answered, check_url
from lettershop.segments.models_streams import NAME, WHO, Delivery, Kind, Webhook

TRIGGERING: Final[tuple[Cause, ...]] = ("event", "time", "trait")
"""Causes that start something: the others are repairs and edits, not what somebody did."""
BEGINNING: Final = "ls_wh_"
FIRST_PAUSE: Final = 5 * SECOND
LONGEST_PAUSE: Final = HOUR
GIVE_UP: Final = 3 * DAY
KEPT: Final = 1_000
"""Deliveries of each webhook that are kept to be looked at."""
MOST_SEGMENTS: Final = 200
_SLUG: Final = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


def create_webhook(
    name: str,
    url: str,
    *,
    segments: Sequence[str] = (),
    causes: Sequence[str] = TRIGGERING,
    allowed: Sequence[str] = (),
    by: str,
    at: int,
) -> tuple[Webhook, str]:
    """The webhook, which is told what is found from now on, and its signing secret, which is shown
    this once. `allowed`: the setting `webhook_hosts`.

    InputError `webhook.name`, `.url`, `.cause`, `.segments`, `.exists`.
    """
    _judge(name, segments, causes)
    check_url(url, allowed)
    hook = Webhook(
        name=name,
        url=url,
        segments=list(dict.fromkeys(segments)),
        causes=list(dict.fromkeys(causes)),
        salt=secrets.token_hex(32),
        created_at=at,
        created_by=by[:WHO],
    )
    try:
        with transaction.atomic():
            hook.save(force_insert=True)
    except IntegrityError:
        hint = "remove it first, or choose another name"
        raise InputError(
            "webhook.exists", f"there is a webhook “{name}” already", hint=hint
        ) from None
    return hook, secret_of(hook)


def _judge(name: str, segments: Sequence[str], causes: Sequence[str]) -> None:
    """InputError for what cannot be."""
    if len(name) > NAME or not _SLUG.fullmatch(name):
        hint = "lower-case letters, digits and “-”, as in crm-sync"
        raise InputError("webhook.name", f"“{name[:200]}” cannot name a webhook", hint=hint)
    unknown = [cause for cause in causes if cause not in CAUSES]
    if unknown or not causes:
        said = f"“{unknown[0]}” is not a cause" if unknown else "name at least one cause"
        raise InputError("webhook.cause", said, hint=f"one of {', '.join(CAUSES)}")
    if len(segments) > MOST_SEGMENTS:
        message = f"a webhook names at most {MOST_SEGMENTS} segments; without any it gets all"
        raise InputError("webhook.segments", message)


def webhooks() -> list[Webhook]:
    """All that are not removed, by name."""
    return list(Webhook.objects.filter(removed_at__isnull=True))


def find_webhook(name: str) -> Webhook:
    """NotFound `webhook.unknown`."""
    living = Webhook.objects.filter(removed_at__isnull=True)
    found = living.filter(name=name).first() if name.isprintable() else None
    if found is None:
        hint = "lettershop webhook list shows them all"
        raise NotFound("webhook.unknown", f"there is no webhook “{name}”", hint=hint)
    return found


def remove_webhook(name: str, at: int) -> Webhook:
    """Nothing is sent to it any more. NotFound `webhook.unknown`."""
    found = find_webhook(name)
    found.removed_at, found.enabled = at, False
    found.save(update_fields=("removed_at", "enabled"))
    return found


def enable_webhook(name: str) -> Webhook:
    """Try it again now, from where it stopped. NotFound `webhook.unknown`."""
    found = find_webhook(name)
    found.enabled, found.reason, found.failures = True, "", 0
    found.failing_since = found.next_at = None
    found.save(update_fields=("enabled", "reason", "failures", "failing_since", "next_at"))
    return found


def deliveries(hook: Webhook, limit: int, before: int | None = None) -> list[Delivery]:
    """The newest first; `before` that id, for the next page."""
    found = Delivery.objects.filter(webhook=hook)
    return list((found if before is None else found.filter(id__lt=before))[:limit])


def secret_of(hook: Webhook) -> str:
    """What its messages are signed with. It is made from the workspace's own secret
    (`data/secret.key`) and the webhook's salt: the records alone do not give it away."""
    key = django_settings.SECRET_KEY.encode()
    made = hmac.digest(key, b"lettershop webhook " + hook.salt.encode(), hashlib.sha256)
    return BEGINNING + base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def signature(secret: str, at: int, body: bytes) -> str:
    """The header Lettershop-Signature: seconds since 1970, and the HMAC-SHA256 of these, a dot and
    the body."""
    seconds = at // SECOND
    made = hmac.new(secret.encode(), b"%d." % seconds + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={made}"


def pause(failures: int) -> int:
    """Milliseconds until the next attempt, after so many failures in a row."""
    return min(LONGEST_PAUSE, FIRST_PAUSE << min(failures - 1, 20))


def begin_at(hook: Webhook, position: int) -> None:
    """Where a new webhook begins, or one whose cursor is from another database."""
    hook.position = position
    hook.save(update_fields=("position",))


def record(
    hook: Webhook,
    said: Answered,
    *,
    at: int,
    first: int | None,
    last: int | None,
    count: int,
    kind: Kind = "transitions",
) -> Delivery:
    """Write down an attempt and what follows from it; `last` is where the cursor goes when the
    message was taken. A test changes nothing but the list."""
    attempt = hook.failures + 1 if kind == "transitions" else 1
    with transaction.atomic():
        made = Delivery.objects.create(
            webhook=hook,
            at=at,
            kind=kind,
            first_id=first,
            last_id=last,
            count=count,
            attempt=attempt,
            outcome="delivered" if said.taken else "failed",
            status=said.status,
            message="" if said.taken else _told(said),
            milliseconds=said.milliseconds,
        )
        if kind == "transitions":
            changed = _taken(last) if said.taken else _failed(hook, said, at)
            Webhook.objects.filter(pk=hook.pk).update(**changed)
        _forget_old(hook)
    return made


def _taken(last: int | None) -> dict[str, object]:
    return {"position": last, "failures": 0, "failing_since": None, "next_at": None, "reason": ""}


def _failed(hook: Webhook, said: Answered, at: int) -> dict[str, object]:
    failures = hook.failures + 1
    since = at if hook.failing_since is None else hook.failing_since
    wanted = (said.retry_after or 0) * SECOND
    changed: dict[str, object] = {
        "failures": failures,
        "failing_since": since,
        "next_at": at + max(pause(failures), min(wanted, LONGEST_PAUSE)),
    }
    if said.status == HTTPStatus.GONE:
        return changed | {"enabled": False, "reason": "the address says that it is gone (410)"}
    if at - since >= GIVE_UP:
        days = GIVE_UP // DAY
        reason = f"nothing was taken for {days} days ({failures} attempts); last: {_told(said)}"
        return changed | {"enabled": False, "reason": reason}
    return changed


def _told(said: Answered) -> str:
    if said.status is None:
        return said.message
    return f"answered {said.status}" + (f": {said.message}" if said.message else "")


def _forget_old(hook: Webhook) -> None:
    of = Delivery.objects.filter(webhook=hook)
    for oldest in of.values_list("pk", flat=True)[KEPT : KEPT + 1]:
        of.filter(pk__lte=oldest).delete()
