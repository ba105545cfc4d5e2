"""Webhooks: everything at least once and in order, whatever the address, the network or we do."""

import hashlib
import hmac
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from moves import keep, write
from opened_shop import Shop, migrated, open_shop
from receiver import Receiver, Reply, receiver

from lettershop.access.models import AuditEntry
from lettershop.app import Workspace
from lettershop.app.webhooks import Webhooks, add_webhook, enable_webhook, remove_webhook
from lettershop.engines.duckdb.refresh.tables import Cause
from lettershop.engines.duckdb.rows import load
from lettershop.model.clock import DAY, HOUR, SECOND
from lettershop.model.errors import InputError, NotFound
from lettershop.model.facts import ContactFact
from lettershop.outgoing import post as posting
from lettershop.segments import webhooks as records
from lettershop.segments.models_streams import Delivery, Webhook


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated(tmp_path_factory.mktemp("records"))


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as listening:
        yield listening


@pytest.fixture
def shop(tmp_path: Path, empty: Path, hook: Receiver) -> Iterator[Shop]:
    folder = Workspace.init(tmp_path / "shop")
    with (folder / "lettershop.toml").open("a") as file:
        file.write('webhook_hosts = ["127.0.0.1"]\n')
    with open_shop(folder, empty) as opened:
        with opened.engine.write() as workspace:
            at = {"ts": 1, "received_at": 1}
            people = [ContactFact(**at, message_id=f"{n}", contact=f"user:U{n}") for n in range(3)]
            load(workspace.store, people)
            keep(workspace.store, "vips", "contact", 1)
        yield opened
        opened.running.webhooks.stop()


def add(shop: Shop, url: str, name: str = "crm", *segments: str, **more: Any) -> str:
    """The secret."""
    settings, by = shop.engine.workspace.settings, shop.principal("editor")
    at, causes = shop.clock.now(), more.get("causes", ())
    secret = add_webhook(name, url, segments, causes, settings=settings, by=by, at=at)[1]
    shop.clock.advance(1)
    return secret


def happen(shop: Shop, *moves: int, segment: str = "vips", cause: Cause = "event") -> int:
    with shop.engine.write() as workspace:
        return write(workspace.store, shop.clock.now(), segment, cause, *moves)


def run(shop: Shop, until: Callable[[], bool], sender: Webhooks | None = None) -> None:
    """Steps, as the job makes them."""
    end = time.monotonic() + 10
    while not until():
        assert time.monotonic() < end, "this takes too long"
        (sender or shop.running.webhooks).step()


def quiet(shop: Shop, sender: Webhooks | None = None) -> None:
    """Steps until nothing is under way."""
    for _ in range(3):
        while (sender or shop.running.webhooks).step():
            pass


def attempts() -> int:
    return Delivery.objects.count()


def one() -> Webhook:
    return records.find_webhook("crm")


def test_what_happens_is_sent_signed_and_once(shop: Shop, hook: Receiver) -> None:
    happen(shop, 2)  # before anybody asked
    secret = add(shop, hook.url("/in"))
    happen(shop, 0, 1)
    happen(shop, ~0, cause="time")
    run(shop, lambda: one().position == 3)
    quiet(shop)
    (got,) = hook.got
    assert (got.path, got.json["type"], got.json["webhook"]) == ("/in", "transitions", "crm")
    assert [(t["id"], t["change"], t["contact"]) for t in got.json["transitions"]] == [
        (1, "entered", "user:U0"),
        (2, "entered", "user:U1"),
        (3, "left", "user:U0"),
    ]
    assert got.headers["Content-Type"] == "application/json"
    t, v1 = (part.partition("=")[2] for part in got.headers["Lettershop-Signature"].split(","))
    assert int(t) == shop.clock.now() // SECOND
    made = hmac.new(secret.encode(), t.encode() + b"." + got.body, hashlib.sha256)
    assert made.hexdigest() == v1
    (delivery,) = records.deliveries(one(), 9)
    assert (delivery.first_id, delivery.last_id, delivery.count) == (1, 3, 3)
    assert (delivery.outcome, delivery.status, delivery.attempt) == ("delivered", 200, 1)


def test_only_what_was_asked_for(shop: Shop, hook: Receiver) -> None:
    add(shop, hook.url(), "crm", "vips")
    add(shop, hook.url("/all"), "all", causes=("definition", "event"))
    happen(shop, 0, segment="calm")
    happen(shop, 0, segment="trait:score")
    happen(shop, 1, cause="definition")
    happen(shop, 2, cause="trait")
    run(shop, lambda: len(hook.got) == 2)
    quiet(shop)
    assert {got.path: got.ids for got in hook.got} == {"/hook": [3], "/all": [0, 2]}


def test_many_are_sent_in_portions_and_in_order(shop: Shop, hook: Receiver) -> None:
    add(shop, hook.url())
    last = happen(shop, *[0, ~0] * 130)
    run(shop, lambda: one().position == last)
    assert [len(got.ids) for got in hook.got] == [100, 100, 60]
    assert hook.ids == list(range(260))


def test_what_is_not_taken_is_sent_again_ever_more_rarely(shop: Shop, hook: Receiver) -> None:
    add(shop, hook.url())
    hook.replies = lambda n: Reply(500, b"not today") if n < 3 else Reply()
    happen(shop, 0)
    for n, pause in enumerate((5, 10, 20), 1):
        run(shop, lambda n=n: attempts() == n)  # type: ignore[misc]
        happen(shop, n % 2)
        quiet(shop)
        assert attempts() == n and one().failures == n
        shop.clock.advance(pause * SECOND - 1)
        quiet(shop)
        assert attempts() == n, "too early"
        shop.clock.advance(1)
    run(shop, lambda: one().position == 3)
    assert [got.ids for got in hook.got] == [[0], [0, 1], [0, 1, 2], [0, 1, 2, 3]]
    told = records.deliveries(one(), 9)
    assert [d.outcome for d in told] == ["delivered", "failed", "failed", "failed"]
    assert [d.attempt for d in told] == [4, 3, 2, 1]
    assert (told[3].message, told[3].status) == ("answered 500: not today", 500)
    assert (one().failures, one().next_at, one().failing_since) == (0, None, None)


def test_after_three_days_it_is_disabled_and_says_why(shop: Shop, hook: Receiver) -> None:
    add(shop, hook.url())
    hook.replies = lambda _: Reply(503, b"busy")
    happen(shop, 0)
    began = shop.clock.now()
    while one().enabled:
        assert shop.clock.now() - began < 4 * DAY
        before = attempts()
        run(shop, lambda before=before: attempts() > before)  # type: ignore[misc]
        shop.clock.advance(6 * HOUR)
    assert shop.clock.now() - began >= 3 * DAY and attempts() == 13
    assert "nothing was taken for 3 days" in one().reason and "503" in one().reason
    before = attempts()
    shop.clock.advance(DAY)
    quiet(shop)
    assert attempts() == before
    hook.replies = lambda _: Reply()
    happen(shop, 1)
    enable_webhook("crm", by=shop.principal("editor"))
    run(shop, lambda: one().position == 1)
    assert hook.got[-1].ids == [0, 1] and one().reason == ""


def test_an_address_that_is_gone_is_left_alone_at_once(shop: Shop, hook: Receiver) -> None:
    add(shop, hook.url())
    hook.replies = lambda _: Reply(410)
    happen(shop, 0)
    run(shop, lambda: not one().enabled)
    assert "410" in one().reason and attempts() == 1


def test_it_waits_as_long_as_it_is_asked_to(shop: Shop, hook: Receiver) -> None:
    add(shop, hook.url())
    hook.replies = lambda _: Reply(429, headers={"Retry-After": "600"})
    happen(shop, 0)
    run(shop, lambda: attempts() == 1)
    assert one().next_at == shop.clock.now() + 600 * SECOND
    hook.replies = lambda _: Reply(429, headers={"Retry-After": "999999"})
    shop.clock.advance(600 * SECOND)
    run(shop, lambda: attempts() == 2)
    assert one().next_at == shop.clock.now() + HOUR


def test_a_slow_address_does_not_keep_others_waiting(
    shop: Shop, hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "LIMITS", posting.LIMITS._replace(step=30.0))
    let_go = threading.Event()
    with receiver() as slow:
        slow.replies = lambda _: Reply() if let_go.wait(20) else Reply(500)
        add(shop, slow.url(), "slow")
        add(shop, hook.url())
        for n in range(5):
            last = happen(shop, n % 3)
            run(shop, lambda last=last: one().position == last)  # type: ignore[misc]
        assert len(hook.got) == 5 and len(slow.got) == 1
        assert [v.value for v in lag(shop, "slow")] == [0]
        shop.clock.advance(7 * SECOND)
        assert [v.value for v in lag(shop, "slow")] == [7]
        let_go.set()
        run(shop, lambda: records.find_webhook("slow").position == last)
        assert [v.value for v in lag(shop, "slow")] == [0]
        assert slow.ids == [0, 1, 2, 3, 4]


def lag(shop: Shop, name: str) -> list[Any]:
    figures = shop.running.webhooks.figures()
    return [v for v in figures if v.name == "webhook_lag_seconds" and v.labels == {"webhook": name}]


def test_a_message_under_way_when_the_server_dies_is_sent_again(shop: Shop, hook: Receiver) -> None:
    add(shop, hook.url())
    happen(shop, 0)
    first = Webhooks(shop.engine, shop.clock)
    first.step()
    run(shop, lambda: len(hook.got) == 1, first)
    assert one().position is not None and one().position < 0, "the answer is not written down yet"
    happen(shop, 1)
    second = Webhooks(shop.engine, shop.clock)
    run(shop, lambda: one().position == 1, second)
    assert [got.ids for got in hook.got] == [[0], [0, 1]]
    first.stop()
    second.stop()


def test_a_cursor_of_a_database_from_before_goes_to_the_end(shop: Shop, hook: Receiver) -> None:
    add(shop, hook.url())
    Webhook.objects.update(position=1_000)
    happen(shop, 0)
    quiet(shop)
    assert one().position == 0
    happen(shop, 1)
    run(shop, lambda: one().position == 1)
    assert hook.ids == [1]


def test_a_test_says_what_was_answered_and_changes_nothing(shop: Shop, hook: Receiver) -> None:
    secret = add(shop, hook.url())
    happen(shop, 0)
    sent = shop.running.webhooks.test("crm")
    assert (sent.kind, sent.outcome, sent.count) == ("test", "delivered", 0)
    got = hook.got[0]
    assert got.json["type"] == "test" and got.json["transitions"] == []
    signed = records.signature(secret, shop.clock.now(), got.body)
    assert got.headers["Lettershop-Signature"] == signed
    hook.replies = lambda _: Reply(404, b"no such page")
    assert shop.running.webhooks.test("crm").message == "answered 404: no such page"
    assert (one().failures, one().position, one().enabled) == (0, None, True)
    with pytest.raises(NotFound):
        shop.running.webhooks.test("nobody")


def test_a_removed_one_is_told_nothing_and_its_name_is_free(shop: Shop, hook: Receiver) -> None:
    first = add(shop, hook.url("/old"))
    by = shop.principal("editor")
    remove_webhook("crm", by=by, at=shop.clock.now())
    happen(shop, 0)
    quiet(shop)
    assert hook.got == [] and records.webhooks() == []
    with pytest.raises(NotFound) as error:
        remove_webhook("crm", by=by, at=shop.clock.now())
    assert error.value.code == "webhook.unknown"
    second = add(shop, hook.url("/new"))
    assert first != second
    assert [entry.what for entry in AuditEntry.objects.order_by("id")] == [
        "webhook.create",
        "webhook.remove",
        "webhook.create",
    ]


def test_secrets_are_nowhere_in_the_records(shop: Shop, hook: Receiver) -> None:
    secret = add(shop, hook.url("/T0p/s3cret"))
    assert secret == records.secret_of(one()) and secret.startswith("ls_wh_")
    stored = str(list(Webhook.objects.values())) + str(list(AuditEntry.objects.values()))
    assert secret not in stored
    assert "s3cret" not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize(
    ("name", "url", "causes", "code"),
    [
        ("Crm", "https://a.example", (), "webhook.name"),
        ("", "https://a.example", (), "webhook.name"),
        ("c" * 101, "https://a.example", (), "webhook.name"),
        ("crm", "http://a.example", (), "webhook.url"),
        ("crm", "https://a.example", ("weather",), "webhook.cause"),
        ("taken", "https://a.example", (), "webhook.exists"),
    ],
)
def test_what_cannot_be_a_webhook(
    shop: Shop, name: str, url: str, causes: tuple[str, ...], code: str
) -> None:
    add(shop, "https://a.example", "taken")
    with pytest.raises(InputError) as error:
        add(shop, url, name, causes=causes)
    assert error.value.code == code
    assert [hook.name for hook in records.webhooks()] == ["taken"]


def test_only_the_last_deliveries_are_kept(
    shop: Shop, hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "KEPT", 30)
    add(shop, hook.url())
    add(shop, hook.url(), "other")
    for name, number in (("other", 5), ("crm", 40)):
        for _ in range(number):
            shop.running.webhooks.test(name)
    assert len(records.deliveries(one(), 999)) == 30
    assert len(records.deliveries(records.find_webhook("other"), 999)) == 5
