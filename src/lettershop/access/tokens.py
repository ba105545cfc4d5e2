"""API tokens: programs show them as `Authorization: Bearer ls_tok_…`."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from lettershop.access.audit import LOCAL, audit
from lettershop.access.models import NAME, Token
from lettershop.access.principal import Principal, Role
from lettershop.access.secret import TOKEN, digest, new_secret, same
from lettershop.model.errors import InputError, NotFound

USED_EVERY = timedelta(minutes=1)
"""`last_used` is written at most this often: a read should not become a write each time."""


def create_token(
    name: str, role: Role, by: Principal, expires: datetime | None = None
) -> tuple[Token, str]:
    """The token and its secret, which is kept nowhere. Nobody makes one that may more than they may
    themselves (AccessError); InputError for a name that is blank, too long or in use."""
    by.require(role)
    name = proper_name(name, "token")
    if expires is not None and expires <= timezone.now():
        raise InputError("token.expires", "a token cannot run out in the past")
    secret = new_secret(TOKEN)
    token = Token(
        name=name,
        role=role,
        hash=secret.hash,
        prefix=secret.prefix,
        created_by=by.name[:254],
        expires=expires,
    )
    try:
        with transaction.atomic():
            token.save(force_insert=True)
            audit(by, "token.create", name, role=role, prefix=secret.prefix)
    except IntegrityError:
        hint = "revoke it first, or choose another name"
        raise InputError("token.exists", f"there is a token “{name}” already", hint=hint) from None
    return token, secret.text


def revoke_token(name: str, *, by: Principal = LOCAL) -> Token:
    """From now on the token opens nothing. NotFound `token.unknown`."""
    with transaction.atomic():
        living = Token.objects.select_for_update().filter(revoked__isnull=True)
        token = living.filter(name=name).first() if name.isprintable() else None
        if token is None:
            hint = "lettershop token list shows them all"
            raise NotFound("token.unknown", f"there is no token “{name}”", hint=hint)
        token.revoked = timezone.now()
        token.save(update_fields=["revoked"])
        audit(by, "token.revoke", name, prefix=token.prefix)
    return token


def find_token(secret: str, *, now: datetime | None = None) -> Principal | None:
    """Whom a secret stands for; None if it is unknown, revoked or has run out."""
    if not secret.startswith(TOKEN):
        return None
    now, looked_for = now or timezone.now(), digest(secret)
    token = Token.objects.filter(hash=looked_for, revoked__isnull=True).first()
    if token is None or not same(token.hash, looked_for):
        return None
    if token.expires is not None and token.expires <= now:
        return None
    if token.last_used is None or now - token.last_used >= USED_EVERY:
        stale = Q(last_used__isnull=True) | Q(last_used__lte=now - USED_EVERY)
        Token.objects.filter(stale, pk=token.pk).update(last_used=now)
    return Principal(token.name, token.role, "token")


def proper_name(name: str, what: str) -> str:
    """Trimmed; InputError `access.name` when blank, too long or with control characters."""
    name = name.strip()
    if not name or len(name) > NAME or not name.isprintable():
        message = f"the name of a {what} has 1 to {NAME} visible characters"
        raise InputError("access.name", message)
    return name
