"""The header `Idempotency-Key`: a repeated POST gets the first one's answer, and does nothing.

The key is reserved before the work begins and holds the answer afterwards. A reservation left by a
process that died counts for `STALE` only; what it did is then done again, which is harmless for
upserts (the same values are written once more).
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from lettershop.access.models import IdempotencyKey
from lettershop.model.errors import InputError, WorkspaceError
from lettershop.web.api.auth import principal_of
from lettershop.web.api.bodies import whole
from lettershop.web.api.problems import InProgress

HEADER: Final = "Idempotency-Key"
MOST: Final = 255
KEPT: Final = timedelta(hours=24)
"""How long an answer is kept…"""
STALE: Final = timedelta(minutes=5)
"""…and how long a reservation without one counts."""

PARAMETER: Final[dict[str, Any]] = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "Repeating the request with the same key gives the first answer again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": MOST, "pattern": "^[!-~]+$"},
}


def once(
    request: HttpRequest, work: Callable[[], HttpResponseBase], *, secret: bool = False
) -> HttpResponseBase:
    """Do the work, or replay its answer when the key was used before. `secret`: the answer must
    not be kept, so a key is refused (InputError `request.not_repeatable`).

    InputError `request.idempotency_key` for a key that is none; WorkspaceError
    `request.key_reused` for another request with the same key, `request.in_progress` (409) while
    the first is being done.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return work()
    if secret:
        message = "an answer that holds a secret is kept nowhere, so it cannot be given again"
        raise InputError("request.not_repeatable", message, where=HEADER)
    if not 0 < len(key) <= MOST or not all("!" <= c <= "~" for c in key):
        message = f"an idempotency key is 1 to {MOST} visible ASCII characters"
        raise InputError("request.idempotency_key", message, where=HEADER)
    reserved, earlier = _reserve(request, key)
    if not reserved:
        return _replay(request, earlier)
    try:
        done = work()
    except BaseException:
        earlier.delete()  # nothing was done: the next try is a first one
        raise
    if isinstance(done, HttpResponse):
        earlier.status = done.status_code
        earlier.response = done.content.decode()
        earlier.save(update_fields=("status", "response"))
    return done


def _reserve(request: HttpRequest, key: str) -> tuple[bool, IdempotencyKey]:
    """Whether the key is ours now, and its row."""
    now = timezone.now()
    IdempotencyKey.objects.filter(created__lt=now - KEPT).delete()
    principal = principal_of(request)
    mine = {"principal": f"{principal.kind}:{principal.name}"[:254], "key": key}
    IdempotencyKey.objects.filter(**mine, status=None, created__lt=now - STALE).delete()
    told = {"operation": _operation(request), "body_hash": _digest(request), "created": now}
    try:
        with transaction.atomic():
            return True, IdempotencyKey.objects.create(**mine, **told)
    except IntegrityError:
        earlier = IdempotencyKey.objects.filter(**mine).first()
    if earlier is None:  # it failed just now
        raise _in_progress()
    return False, earlier


def _replay(request: HttpRequest, earlier: IdempotencyKey) -> HttpResponse:
    if (earlier.operation, earlier.body_hash) != (_operation(request), _digest(request)):
        hint = "use a new key for a new request"
        message = "this key was used for another request"
        raise WorkspaceError("request.key_reused", message, where=HEADER, hint=hint)
    if earlier.status is None:
        raise _in_progress()
    response = HttpResponse(
        earlier.response, status=earlier.status, content_type="application/json"
    )
    response["Idempotency-Replayed"] = "true"
    return response


def _in_progress() -> InProgress:
    hint = "try again in a second"
    return InProgress("request.in_progress", "the first one is being done", hint=hint)


def _operation(request: HttpRequest) -> str:
    return f"{request.method} {request.get_full_path()}"[:500]


def _digest(request: HttpRequest) -> str:
    return hashlib.sha256(whole(request)).hexdigest()
