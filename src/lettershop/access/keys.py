"""Sources, and the write keys with which they send facts. A key only writes, so it may be public in
a page's script tag; each source has its own, so that one can be revoked without the others."""

import re

from django.db import IntegrityError, transaction
from django.utils import timezone

from lettershop.access.audit import LOCAL, audit
from lettershop.access.models import NAME, SOURCE_KINDS, Source, WriteKey
from lettershop.access.principal import Principal
from lettershop.access.secret import WRITE_KEY, digest, new_secret
from lettershop.model.errors import InputError, NotFound

_SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


def create_source(name: str, kind: str, *, by: Principal = LOCAL) -> Source:
    """`name` is lower case with `-`; `kind` is website, server, import or api. InputError."""
    if len(name) > NAME or not _SLUG.fullmatch(name):
        message = f"“{name}” cannot name a source"
        hint = "lower-case letters, digits and “-”, as in www-shop"
        raise InputError("source.name", message, hint=hint)
    if kind not in SOURCE_KINDS:
        hint = f"one of {', '.join(SOURCE_KINDS)}"
        raise InputError("source.kind", f"“{kind}” is not a kind of source", hint=hint)
    try:
        with transaction.atomic():
            source = Source.objects.create(name=name, kind=kind)
            audit(by, "source.create", name, kind=kind)
    except IntegrityError:
        hint = f"lettershop source key {name} makes another key for it"
        raise InputError(
            "source.exists", f"there is a source “{name}” already", hint=hint
        ) from None
    return source


def create_key(source: Source, *, by: Principal = LOCAL) -> tuple[WriteKey, str]:
    """Another write key for the source, and its secret, which is kept nowhere."""
    secret = new_secret(WRITE_KEY)
    with transaction.atomic():
        key = WriteKey.objects.create(source=source, hash=secret.hash, prefix=secret.prefix)
        audit(by, "key.create", source.name, prefix=secret.prefix)
    return key, secret.text


def revoke_key(prefix: str, *, source: str | None = None, by: Principal = LOCAL) -> WriteKey:
    """From now on (within 2 seconds) the key opens nothing. `prefix`: what is shown of the key, or
    the whole key. NotFound `key.unknown`; InputError `key.ambiguous` when several begin so."""
    with transaction.atomic():
        living = WriteKey.objects.select_for_update(of=("self",)).select_related("source")
        living = living.filter(revoked__isnull=True)
        living = living.filter(source__name=source) if source else living
        whole, shown = digest(prefix), prefix.rstrip("…")
        found = [key for key in living if key.hash == whole or key.prefix == shown]
        if not found:
            hint = "lettershop source list shows them all"
            raise NotFound("key.unknown", f"there is no living key “{prefix[:16]}…”", hint=hint)
        if len(found) > 1:
            hint = "give the whole key, or name the source as well"
            raise InputError("key.ambiguous", "several keys begin like this", hint=hint)
        key = found[0]
        key.revoked = timezone.now()
        key.save(update_fields=["revoked"])
        audit(by, "key.revoke", key.source.name, prefix=key.prefix)
    return key


def find_source(name: str) -> Source:
    """NotFound `source.unknown`. (PostgreSQL would fail on a NUL character.)"""
    found = Source.objects.filter(name=name).first() if name.isprintable() else None
    if found is None:
        hint = "lettershop source list shows them all"
        raise NotFound("source.unknown", f"there is no source “{name}”", hint=hint)
    return found
