"""Pages by cursor: `limit` and `cursor` in, `items` and `next` out.

A cursor is where the last page ended, in the terms of the operation's own order, so that a page is
found without counting and nothing is skipped or shown twice while rows arrive. It is opaque to
clients; we check every part of it, and that it belongs to the same question.
"""

import base64
import binascii
import hashlib
from typing import Annotated, Any, Final, Generic, TypeVar
from urllib.parse import urlencode

import msgspec
from django.http import HttpRequest
from ninja import Query

from lettershop.model.errors import UsageError

MOST: Final = 500
USUAL: Final = 50

Limit = Annotated[int, Query(ge=1, le=MOST, description="items on the page")]
Cursor = Annotated[str, Query(max_length=2_000, description="`next` of the page before")]
Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""An integer that a database takes."""

Item = TypeVar("Item")
Place = TypeVar("Place")


class Page(msgspec.Struct, Generic[Item], frozen=True):
    """`next` is the cursor of the page after this one; null on the last."""

    items: list[Item]
    next: str | None = None


def write_cursor(request: HttpRequest, place: object) -> str:
    """The cursor that continues after `place` (a tuple of texts and numbers)."""
    text = msgspec.json.encode([_question(request), place])
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def read_cursor(request: HttpRequest, cursor: str, kind: type[Place]) -> Place | None:
    """Where to go on, None from the start. UsageError `request.cursor` for one that is not ours."""
    if not cursor:
        return None
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        raw = base64.urlsafe_b64decode(padded.encode("ascii"))
        question, place = msgspec.json.decode(raw, type=tuple[str, Any])
        found = msgspec.convert(place, kind)
    except (ValueError, binascii.Error, msgspec.DecodeError, RecursionError):
        raise _not_ours() from None
    if question != _question(request):
        raise _not_ours()
    return found


def cut(request: HttpRequest, found: list[tuple[Item, Any]], limit: int) -> Page[Item]:
    """A page of up to `limit` of the found (item, place) pairs: ask for one more than that."""
    shown = found[:limit]
    more = len(found) > limit
    return Page([item for item, _ in shown], write_cursor(request, shown[-1][1]) if more else None)


def _question(request: HttpRequest) -> str:
    """What was asked, apart from the page: a short digest of path and filters."""
    filters = sorted((k, v) for k, v in request.GET.items() if k not in ("cursor", "limit"))
    text = request.path + "?" + urlencode(filters)
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=6).hexdigest()


def _not_ours() -> UsageError:
    hint = "take `next` of the page before, and leave the filters as they were"
    return UsageError("request.cursor", "this cursor does not fit", where="cursor", hint=hint)
