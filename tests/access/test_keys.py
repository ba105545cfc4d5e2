"""Sources and write keys, and the ring that holds them in memory."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from lettershop.access.keyring import KeyRing, SourceKey
from lettershop.access.keys import create_key, create_source, find_source, revoke_key
from lettershop.access.models import AuditEntry, Source, WriteKey
from lettershop.access.secret import WRITE_KEY, new_secret
from lettershop.model.errors import InputError, NotFound

pytestmark = pytest.mark.usefixtures("store")


def test_a_key_works_at_once_beside_others_until_it_is_revoked() -> None:
    ring = KeyRing()
    shop, app = create_source("www", "website"), create_source("app", "server")
    (_, first), (_, second), (_, other) = create_key(shop), create_key(shop), create_key(app)
    assert ring.find(first) == ring.find(second) == SourceKey("www", "website")
    assert ring.find(other) == SourceKey("app", "server")
    revoke_key(first)
    assert ring.find(first) is None and ring.find(second) is not None
    what = AuditEntry.objects.order_by("id").values_list("what", "target")
    assert list(what)[2:] == [("key.create", "www")] * 2 + [
        ("key.create", "app"),
        ("key.revoke", "www"),
    ]


def test_a_key_made_by_another_process_arrives_with_the_next_refresh() -> None:
    source, ring, secret = create_source("www", "website"), KeyRing(), new_secret(WRITE_KEY)
    elsewhere = WriteKey(source=source, hash=secret.hash, prefix=secret.prefix)
    WriteKey.objects.bulk_create([elsewhere])  # no signal in this process, as if in another
    assert ring.find(secret.text) is None
    ring.refresh()
    assert ring.find(secret.text) == SourceKey("www", "website")
    WriteKey.objects.update(revoked=timezone.now())
    ring.refresh()
    assert ring.find(secret.text) is None


def test_a_key_that_was_never_committed_never_worked() -> None:
    source, ring, made = create_source("www", "website"), KeyRing(), []

    def change_their_mind() -> None:
        with transaction.atomic():
            made.append(create_key(source)[1])
            raise KeyError

    with pytest.raises(KeyError):
        change_their_mind()
    assert ring.find(made[0]) is None


def test_when_a_key_and_a_source_were_last_used_is_written_in_between() -> None:
    now = timezone.now()
    ring = KeyRing(now=lambda: now)
    source = create_source("www", "website")
    key, secret = create_key(source)
    idle, _ = create_key(source)
    ring.find(secret)
    ring.seen("www")
    ring.seen("a source that is gone")
    ring.flush_seen()
    for record in (key, idle, source):
        record.refresh_from_db()
    assert (key.last_used, idle.last_used, source.last_used) == (now, None, now)
    now -= timedelta(hours=1)  # another server's clock: never back in time
    ring.find(secret)
    ring.flush_seen()
    key.refresh_from_db()
    assert key.last_used == now + timedelta(hours=1)


@pytest.mark.parametrize("key", ["", "ls_wk_", "\ud800\0", "x" * 100_000])
def test_no_other_text_is_a_key(key: str) -> None:
    create_key(create_source("www", "website"))
    assert KeyRing().find(key) is None


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        ("www", "website", "source.exists"),
        ("Shop", "website", "source.name"),
        ("a b", "website", "source.name"),
        ("a\n", "website", "source.name"),
        ("", "website", "source.name"),
        ("x" * 101, "website", "source.name"),
        ("app", "toaster", "source.kind"),
    ],
)
def test_sources_that_cannot_be(name: str, kind: str, code: str) -> None:
    create_source("www", "website")
    with pytest.raises(InputError) as caught:
        create_source(name, kind)
    assert caught.value.code == code and caught.value.hint
    assert Source.objects.count() == 1


def test_keys_that_are_not_there() -> None:
    key, _ = create_key(create_source("www", "website"))
    for prefix, source in (("", None), ("ls_wk_", None), ("\0", None), (key.prefix, "app")):
        with pytest.raises(NotFound, match="no living key"):
            revoke_key(prefix, source=source)
    for name in ("app", "", "\0", "\ud800"):
        with pytest.raises(NotFound, match="no source"):
            find_source(name)
    with pytest.raises(NotFound):
        revoke_key(key.prefix + "and something else")
    assert revoke_key(key.prefix + "…", source="www").pk == key.pk


def test_keys_that_look_alike_are_told_apart_by_the_whole_key() -> None:
    www, app = create_source("www", "website"), create_source("app", "server")
    (one, secret), (other, _) = create_key(www), create_key(app)
    WriteKey.objects.update(prefix=one.prefix)
    with pytest.raises(InputError, match="several keys"):
        revoke_key(one.prefix)
    assert revoke_key(one.prefix, source="app").pk == other.pk
    assert revoke_key(secret).pk == one.pk
