"""People come, get roles, lose passwords and leave; somebody always has the keys of the house."""

from pathlib import Path

import pytest
from django.contrib.auth import authenticate

from lettershop.access.models import AuditEntry, User
from lettershop.access.principal import Principal
from lettershop.access.users import (
    activate,
    create_user,
    deactivate,
    ensure_owner,
    find_user,
    role_named,
    set_password,
    set_role,
)
from lettershop.model.errors import InputError, LettershopError, NotFound, UsageError
from lettershop.model.settings import Settings

pytestmark = pytest.mark.usefixtures("store")

ANN = Principal("ann@example.com", "owner")
WORDS = "green kettle whistles"


def may_sign_in(email: str, password: str) -> bool:
    return authenticate(None, username=email, password=password) is not None


def test_a_first_owner_is_made_once_and_can_sign_in() -> None:
    password = ensure_owner()
    assert password is not None and len(password) >= 16
    assert ensure_owner() is None
    assert may_sign_in("owner@localhost", password)
    assert not may_sign_in("owner@localhost", password + "x")


def test_ben_joins_is_promoted_forgets_his_password_and_leaves() -> None:
    create_user("ann@example.com", "owner", WORDS)
    ben, password = create_user(" Ben@Example.COM", "viewer", by=ANN)
    assert ben.email == "ben@example.com" and may_sign_in("ben@example.com", password)
    set_role(ben, "editor", by=ANN)
    renewed = set_password(ben, by=ANN)
    assert not may_sign_in("ben@example.com", password)
    assert may_sign_in("ben@example.com", renewed)
    deactivate(ben, by=ANN)
    assert not may_sign_in("ben@example.com", renewed)
    activate(ben, by=ANN)
    assert may_sign_in("ben@example.com", renewed)
    assert find_user("BEN@example.com").principal == Principal("ben@example.com", "editor")
    trail = [(e.who, e.what, e.target, e.details) for e in AuditEntry.objects.order_by("id")]
    assert trail == [
        ("command line", "user.create", "ann@example.com", {"role": "owner"}),
        ("ann@example.com", "user.create", "ben@example.com", {"role": "viewer"}),
        (
            "ann@example.com",
            "user.role",
            "ben@example.com",
            {"before": "viewer", "after": "editor"},
        ),
        ("ann@example.com", "user.password", "ben@example.com", {}),
        ("ann@example.com", "user.disable", "ben@example.com", {}),
        ("ann@example.com", "user.enable", "ben@example.com", {}),
    ]


def test_the_last_owner_stays() -> None:
    ann, _ = create_user("ann@example.com", "owner", WORDS)
    ben, _ = create_user("ben@example.com", "owner", WORDS)
    deactivate(ben)
    for leave in (lambda: deactivate(ann), lambda: set_role(ann, "editor")):
        with pytest.raises(UsageError, match=r"ann@example.com is the only owner") as caught:
            leave()
        assert caught.value.code == "user.last_owner"
    assert User.objects.get(email="ann@example.com").principal == ANN
    activate(ben)
    set_role(ann, "viewer")
    assert not User.objects.get(email="ann@example.com").principal.may("owner")


@pytest.mark.parametrize(
    ("email", "password", "code"),
    [
        ("ann@example.com", WORDS, "user.exists"),
        ("ANN@example.com ", WORDS, "user.exists"),
        ("ann", WORDS, "user.email"),
        ("ann@ex ample.com", WORDS, "user.email"),
        ("a\0nn@example.com", WORDS, "user.email"),
        ("ben@example.com", "short", "user.password"),
        ("ben@example.com", "password123", "user.password"),
        ("ben@example.com", "ben@example.com", "user.password"),
        ("ben@example.com", "9876543210987", "user.password"),
    ],
)
def test_what_is_refused(email: str, password: str, code: str) -> None:
    create_user("ann@example.com", "owner", WORDS)
    with pytest.raises(InputError) as caught:
        create_user(email, "viewer", password)
    assert caught.value.code == code
    assert User.objects.count() == AuditEntry.objects.count() == 1


def test_unknown_people_and_roles() -> None:
    for ask, code in (
        (lambda: find_user("x@y.z"), NotFound),
        (lambda: find_user("\0"), NotFound),
        (lambda: find_user("\ud800"), NotFound),
        (lambda: role_named("boss"), UsageError),
    ):
        with pytest.raises(LettershopError) as caught:
            ask()
        assert isinstance(caught.value, code) and caught.value.hint
    assert role_named(" Editor ") == "editor"


def test_passwords_are_kept_as_a_slow_hash_only(store: tuple[Path, Settings]) -> None:
    user, _ = create_user("ann@example.com", "owner", WORDS)
    assert user.password.startswith("scrypt$") and WORDS not in user.password
    assert create_user("ben@example.com", "owner", WORDS)[0].password != user.password
