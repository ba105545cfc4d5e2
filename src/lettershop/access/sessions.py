"""Where somebody is signed in: sessions of browsers, and ending them."""

from collections.abc import Iterator
from datetime import datetime

import msgspec
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from lettershop.access.audit import audit
from lettershop.access.models import User
from lettershop.access.principal import Principal


class SignedIn(msgspec.Struct, frozen=True):
    """One browser; `until` it is signed in there. `here`: the one that asks."""

    until: datetime
    here: bool


def sessions_of(user: User, here: str | None) -> list[SignedIn]:
    """The newest first. `here`: the key of the session that asks."""
    found = [SignedIn(one.expire_date, one.session_key == here) for one in _of(user)]
    return sorted(found, key=lambda one: (one.here, one.until), reverse=True)


def end_other_sessions(user: User, here: str | None, *, by: Principal) -> int:
    """Sign out everywhere else; how many there were. Audited."""
    others = [one.pk for one in _of(user) if one.session_key != here]
    with transaction.atomic():
        Session.objects.filter(pk__in=others).delete()
        audit(by, "user.sessions", user.email, ended=len(others))
    return len(others)


def _of(user: User) -> Iterator[Session]:
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator(500):
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            yield session
