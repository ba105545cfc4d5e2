"""Cursors and webhooks as records, on SQLite and on PostgreSQL."""

import threading
from collections.abc import Iterator

import pytest
from moves import write

from lettershop.app import records as wiring
from lettershop.engines.duckdb.store import Store
from lettershop.engines.duckdb.transitions import Asked
from lettershop.model.clock import DAY, HOUR, SECOND
from lettershop.model.errors import InputError, NotFound, UsageError
from lettershop.outgoing.post import Answered
from lettershop.segments import webhooks
from lettershop.segments.cursors import acknowledge, cursors, find_cursor, following, forget_cursor
from lettershop.segments.models_streams import Webhook

T0 = 1_700_000_000_000
URL = "https://hooks.example.com/in"


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(None) as opened:
        write(opened, T0, "vips", "event", *range(10))
        yield opened


def make(name: str = "crm", at: int = T0) -> Webhook:
    return webhooks.create_webhook(name, URL, by="eva@example.com", at=at)[0]


def test_a_reader_that_dies_is_given_the_same_again(register: str, store: Store) -> None:
    assert acknowledge(store, "sync", -1, at=T0)[1] is True
    for _ in range(2):
        assert [t.id for t in following(store, "sync", Asked(), 3, T0)] == [0, 1, 2]
    found, new = acknowledge(store, "sync", 2, at=T0 + 5)
    assert (found.position, found.moved_at, new) == (2, T0 + 5, False)
    assert [t.id for t in following(store, "sync", Asked(), 3, T0)] == [3, 4, 5]
    assert acknowledge(store, "sync", 1, at=T0 + 6)[0].position == 2
    assert acknowledge(store, "sync", 1, at=T0 + 7, back=True)[0].position == 1


def test_readers_do_not_know_each_other(register: str, store: Store) -> None:
    acknowledge(store, "b", 9, at=T0)
    acknowledge(store, "a", 4, at=T0)
    assert [(c.name, c.position) for c in cursors()] == [("a", 4), ("b", 9)]
    assert [t.id for t in following(store, "a", Asked(), 99, T0)] == [5, 6, 7, 8, 9]
    assert following(store, "b", Asked(), 99, T0) == []
    forget_cursor("a")
    with pytest.raises(NotFound):
        find_cursor("a")


@pytest.mark.parametrize("name", ["", "x" * 101, "a\nb", "a\0b"])
def test_names_no_cursor_has(register: str, store: Store, name: str) -> None:
    with pytest.raises(InputError) as error:
        acknowledge(store, name, 0, at=T0)
    assert error.value.code == "cursor.name"
    with pytest.raises(NotFound):
        find_cursor(name)


def test_a_cursor_beyond_the_end_comes_back(register: str, store: Store) -> None:
    for position in (-2, 10):
        with pytest.raises(UsageError) as error:
            acknowledge(store, "sync", position, at=T0)
        assert error.value.code == "cursor.ahead"
    acknowledge(store, "sync", 9, at=T0)
    with Store.open(None) as again:  # the database was made again, and is shorter
        write(again, T0, "vips", "event", 1, 2, 3)
        assert acknowledge(again, "sync", 1, at=T0)[0].position == 1
        acknowledge(store, "sync", 9, at=T0)
        assert following(again, "sync", Asked(), 9, T0 + 1) == []
        assert find_cursor("sync").position == 2
        write(again, T0, "vips", "event", 4)
        assert [t.id for t in following(again, "sync", Asked(), 9, T0 + 1)] == [3]


def test_acknowledging_at_the_same_time_loses_nothing(register: str, store: Store) -> None:
    failures: list[BaseException] = []
    stores = [store.reader() for _ in range(3)]

    def move(own: Store, first: int) -> None:
        try:
            for position in range(first, 10, 3):
                acknowledge(own, "sync", position, at=T0)
        except BaseException as error:
            failures.append(error)
        finally:
            wiring.disconnect()

    threads = [threading.Thread(target=move, args=(own, n)) for n, own in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for own in stores:
        own.close()
    assert failures == [] and find_cursor("sync").position == 9


def test_one_living_webhook_of_each_name(register: str) -> None:
    hook = make()
    assert (hook.segments, hook.causes) == ([], ["event", "time", "trait"])
    with pytest.raises(InputError) as error:
        make()
    assert error.value.code == "webhook.exists"
    webhooks.remove_webhook("crm", T0 + 1)
    make(at=T0 + 2)
    make("a")
    assert [h.name for h in webhooks.webhooks()] == ["a", "crm"]
    assert len({webhooks.secret_of(h) for h in Webhook.objects.all()}) == 3
    with pytest.raises(NotFound):
        webhooks.find_webhook("a\0b")


def test_pauses_grow_and_end_in_giving_up(register: str) -> None:
    hook, now = make(), T0
    pauses = []
    while hook.enabled and now < T0 + 5 * DAY:
        webhooks.record(hook, Answered(message="no"), at=now, first=0, last=4, count=5)
        hook.refresh_from_db()
        pauses.append((hook.next_at or 0) - now)
        now = hook.next_at or 0
    assert pauses[:4] == [5 * SECOND, 10 * SECOND, 20 * SECOND, 40 * SECOND]
    assert max(pauses) == HOUR and pauses == sorted(pauses)
    assert 3 * DAY <= now - T0 <= 3 * DAY + 2 * HOUR
    assert hook.reason.startswith("nothing was taken for 3 days") and hook.position is None
    webhooks.enable_webhook("crm")
    hook.refresh_from_db()
    webhooks.record(hook, Answered(status=204), at=now, first=0, last=4, count=5)
    hook.refresh_from_db()
    assert (hook.enabled, hook.position, hook.failures, hook.reason) == (True, 4, 0, "")


def test_what_an_address_says_is_kept_short_and_whole(
    register: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "KEPT", 3)
    hook = make()
    for n in range(5):
        said = Answered(status=400, message=f"wrong {n} €", milliseconds=n)
        webhooks.record(hook, said, at=T0 + n, first=n, last=n, count=1)
    found = webhooks.deliveries(hook, 9)
    assert [d.message for d in found] == [f"answered 400: wrong {n} €" for n in (4, 3, 2)]
    assert webhooks.deliveries(hook, 1, before=found[0].pk)[0].pk == found[1].pk
