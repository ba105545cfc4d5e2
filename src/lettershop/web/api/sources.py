"""What comes in: sources with their write keys, what was refused, what arrives just now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from django.http import HttpRequest
from ninja import Path, Router

from lettershop.access.keys import create_key, create_source, find_source, revoke_key
from lettershop.access.models import Source, WriteKey
from lettershop.model.clock import format_instant, to_ms
from lettershop.web.api.auth import principal_of
from lettershop.web.api.bodies import read_body
from lettershop.web.api.operations import operation

router = Router()

SourceName = Annotated[str, Path(description="the name of a source")]


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A write key: `prefix` is the part of it that is shown, and names it here."""

    prefix: str
    created: str
    last_used: str | None
    revoked: str | None


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """`key` is the whole write key: it is shown this once and kept nowhere."""

    key: str
    prefix: str


class OneSource(msgspec.Struct, frozen=True, kw_only=True):
    """Something that sends facts. `last_used`: its last accepted request."""

    name: str
    kind: str
    created: str
    last_used: str | None
    keys: list[Key]


class NewSource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`name` is lower case with `-`, as in www-shop."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    kind: Literal["website", "server", "import", "api"] = "server"


class Sources(msgspec.Struct, frozen=True):
    items: list[OneSource]


@operation(router, "GET", "/sources", answer=Sources)
def list_sources(request: HttpRequest) -> Sources:
    """All sources with their write keys."""
    keys: dict[str, list[WriteKey]] = {}
    for key in WriteKey.objects.select_related("source"):
        keys.setdefault(key.source.name, []).append(key)
    return Sources([_told(source, keys.get(source.name, [])) for source in Source.objects.all()])


@operation(router, "POST", "/sources", answer=OneSource, status=201, body=NewSource)
def add_source(request: HttpRequest) -> OneSource:
    """Add a source; its first write key is made by an owner."""
    new = read_body(request, NewSource)
    return _told(create_source(new.name, new.kind, by=principal_of(request)), [])


@operation(router, "POST", "/sources/{name}/keys", answer=NewKey, status=201, secret=True)
def add_key(request: HttpRequest, name: SourceName) -> NewKey:
    """Make a write key for a source. The answer is the only time it is shown."""
    key, secret = create_key(find_source(name), by=principal_of(request))
    return NewKey(key=secret, prefix=key.prefix)


@operation(router, "DELETE", "/sources/{name}/keys/{prefix}", answer=None, status=204)
def remove_key(request: HttpRequest, name: SourceName, prefix: str) -> None:
    """Revoke a write key, named by its prefix: from now on it opens nothing."""
    revoke_key(prefix, source=find_source(name).name, by=principal_of(request))


def _told(source: Source, keys: Sequence[WriteKey]) -> OneSource:
    return OneSource(
        name=source.name,
        kind=source.kind,
        created=_instant(source.created),
        last_used=_maybe(source.last_used),
        keys=[_key(key) for key in keys],
    )


def _key(key: WriteKey) -> Key:
    return Key(
        prefix=key.prefix,
        created=_instant(key.created),
        last_used=_maybe(key.last_used),
        revoked=_maybe(key.revoked),
    )


def _instant(at: datetime) -> str:
    return format_instant(to_ms(at))


def _maybe(at: datetime | None) -> str | None:
    return None if at is None else _instant(at)
