"""People: added, given a role and a password, disabled. There is always an owner who can sign in.

Whoever calls has asked already whether `by` may (owners only); what was done is in the audit trail.
"""

import secrets

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from email_validator import EmailNotValidError, validate_email

from lettershop.access.audit import LOCAL, audit
from lettershop.access.models import User
from lettershop.access.principal import ROLES, Principal, Role
from lettershop.access.throttle import forgive
from lettershop.model.errors import InputError, NotFound, UsageError

LOCALHOST = "localhost"
FIRST_OWNER = f"owner@{LOCALHOST}"


def create_user(
    email: str, role: Role, password: str | None = None, *, by: Principal = LOCAL
) -> tuple[User, str]:
    """A new user and the password, a random one if None is given. InputError for an address that is
    none or taken (`user.email`, `user.exists`), or a weak password (`user.password`)."""
    user = User(email=normal_address(email), role=role)
    password = _set(user, password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            audit(by, "user.create", user.email, role=role)
    except IntegrityError:
        raise InputError("user.exists", f"there is a user {user.email} already") from None
    return user, password


def set_password(user: User, password: str | None = None, *, by: Principal = LOCAL) -> str:
    """The new password, a random one if None is given; it ends all sessions of the user, and
    any wait after wrong ones."""
    password = _set(user, password)
    with transaction.atomic():
        user.save(update_fields=["password"])
        forgive(user.email)
        audit(by, "user.password", user.email)
    return password


def set_role(user: User, role: Role, *, by: Principal = LOCAL) -> None:
    """UsageError `user.last_owner` when nobody would be owner any more."""
    with transaction.atomic():
        if role != "owner":
            _keep_an_owner(user)
        before, user.role = user.role, role
        user.save(update_fields=["role"])
        audit(by, "user.role", user.email, before=before, after=role)


def deactivate(user: User, *, by: Principal = LOCAL) -> None:
    """The user can no longer sign in, and is signed out; never the last owner. Their API tokens
    belong to the workspace and stay."""
    with transaction.atomic():
        _keep_an_owner(user)
        user.active = False
        user.save(update_fields=["active"])
        audit(by, "user.disable", user.email)


def activate(user: User, *, by: Principal = LOCAL) -> None:
    """A disabled user can sign in again, with the password from before."""
    with transaction.atomic():
        user.active = True
        user.save(update_fields=["active"])
        audit(by, "user.enable", user.email)


def set_choices(user: User, *, language: str, zone: str, theme: str, by: Principal) -> None:
    """How pages are shown to the user; "" for what the browser says. Whoever calls knows which
    languages, zones and themes there are."""
    before = {"language": user.language, "zone": user.zone, "theme": user.theme}
    after = {"language": language, "zone": zone, "theme": theme}
    if before == after:
        return
    with transaction.atomic():
        user.language, user.zone, user.theme = language, zone, theme
        user.save(update_fields=["language", "zone", "theme"])
        audit(by, "user.choices", user.email, before=before, after=after)


def find_user(email: str) -> User:
    """NotFound `user.unknown` when there is no such user, active or not."""
    address = email.strip().lower()
    found = User.objects.filter(email=address).first() if address.isprintable() else None
    if found is None:
        hint = "lettershop user list shows them all"
        raise NotFound("user.unknown", f"there is no user “{email}”", hint=hint)
    return found


def ensure_owner(email: str = FIRST_OWNER) -> str | None:
    """The password of the first owner, who is made now; None when there is a user already."""
    with transaction.atomic():
        if User.objects.exists():
            return None
        return create_user(email, "owner")[1]


def role_named(text: str) -> Role:
    """UsageError `user.role` for what is no role."""
    for role in ROLES:
        if role == text.strip().lower():
            return role
    hint = f"one of {', '.join(ROLES)}"
    raise UsageError("user.role", f"“{text}” is not a role", hint=hint)


def normal_address(email: str) -> str:
    """Lower case and normal form. InputError `user.email`; owner@localhost is fine here."""
    local, _, domain = email.strip().lower().rpartition("@")
    checked = f"{local}@{'example.com' if domain == LOCALHOST else domain}"
    try:
        found = validate_email(checked, check_deliverability=False, test_environment=True)
    except (EmailNotValidError, ValueError):
        message = f"“{email}” is not an e-mail address"
        raise InputError("user.email", message, hint="write name@example.com") from None
    normal = found.normalized.lower()
    return f"{normal.rpartition('@')[0]}@{LOCALHOST}" if domain == LOCALHOST else normal


def _set(user: User, password: str | None) -> str:
    if password is None:
        password = secrets.token_urlsafe(12)
    else:
        try:
            validate_password(password, user)
        except ValidationError as error:
            message = " ".join(error.messages)
            raise InputError("user.password", message, hint="a few words make a good one") from None
    user.set_password(password)
    return password


def _keep_an_owner(user: User) -> None:
    """Inside a transaction: PostgreSQL locks the owners' rows, SQLite has one writer anyway."""
    owners = User.objects.select_for_update().filter(role="owner", active=True)
    if [owner.pk for owner in owners] == [user.pk]:
        hint = "make somebody else owner first"
        raise UsageError("user.last_owner", f"{user.email} is the only owner", hint=hint)
