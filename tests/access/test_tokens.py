"""API tokens: shown once, found by their hash, gone when revoked or run out."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lettershop.access.models import Token
from lettershop.access.principal import Principal
from lettershop.access.tokens import create_token, find_token, revoke_token
from lettershop.model.errors import AccessError, InputError, NotFound

pytestmark = pytest.mark.usefixtures("store")

OWNER = Principal("ann@example.com", "owner")
MINUTE = timedelta(minutes=1)


def test_a_token_opens_what_its_role_may_until_it_is_revoked() -> None:
    token, secret = create_token("nightly export", "viewer", OWNER)
    assert secret.startswith("ls_tok_") and len(secret) == 50
    assert secret.startswith(token.prefix) and len(token.prefix) == 13
    assert find_token(secret) == Principal("nightly export", "viewer", "token")
    revoke_token("nightly export", by=OWNER)
    assert find_token(secret) is None
    for name in ("nightly export", "", "\0", "\ud800"):
        with pytest.raises(NotFound, match="there is no token"):
            revoke_token(name, by=OWNER)


def test_only_the_hash_is_kept() -> None:
    token, secret = create_token("export", "viewer", OWNER)
    kept = Token.objects.filter(pk=token.pk).values_list().get()
    assert not any(secret in str(value) for value in kept)
    assert not any(secret[13:] in str(value) for value in kept)


@pytest.mark.parametrize(
    "secret", ["", "ls_tok_", "ls_tok_ü", "ls_wk_x", "ls_tok_\0", "\ud800", "x" * 9_999]
)
def test_anything_else_opens_nothing(secret: str) -> None:
    create_token("export", "owner", OWNER)
    assert find_token(secret) is None


def test_a_secret_with_one_letter_changed_opens_nothing() -> None:
    _, secret = create_token("export", "owner", OWNER)
    assert find_token(secret[:-1] + ("a" if secret[-1] != "a" else "b")) is None
    assert find_token(secret + "a") is None


def test_a_token_runs_out_on_time() -> None:
    now = timezone.now()
    _, secret = create_token("export", "viewer", OWNER, expires=now + MINUTE)
    assert find_token(secret, now=now + MINUTE * 0.99) is not None
    assert find_token(secret, now=now + MINUTE) is None
    with pytest.raises(InputError, match="in the past"):
        create_token("late", "viewer", OWNER, expires=now - MINUTE)


def test_last_used_is_written_once_a_minute_at_most() -> None:
    token, secret = create_token("export", "viewer", OWNER)
    now = timezone.now()
    for seconds, writes in ((0, 1), (1, 0), (59, 0), (60, 1), (61, 0)):
        moment = now + timedelta(seconds=seconds)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            find_token(secret, now=moment)
        assert sum("UPDATE" in q["sql"] for q in asked.captured_queries) == writes, seconds
    token.refresh_from_db()
    assert token.last_used == now + MINUTE


def test_nobody_makes_a_token_that_may_more_than_they_may() -> None:
    with pytest.raises(AccessError, match="needs the role owner"):
        create_token("mine", "owner", Principal("eve@example.com", "editor"))


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\0b", "x" * 101])
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(InputError, match="visible characters"):
        create_token(name, "viewer", OWNER)


def test_a_name_can_be_used_again_after_it_was_revoked() -> None:
    _, first = create_token("export", "viewer", OWNER)
    with pytest.raises(InputError, match="already"):
        create_token(" export ", "viewer", OWNER)
    revoke_token("export")
    _, second = create_token("export", "editor", OWNER)
    assert (find_token(first), find_token(second)) == (None, Principal("export", "editor", "token"))
