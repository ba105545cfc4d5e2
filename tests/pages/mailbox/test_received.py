"""Letters as they arrived: shown to look at, unable to do anything."""

from collections.abc import Iterator

import msgspec
import pytest
from opened_shop import Shop

from lettershop.access.models import AuditEntry
from lettershop.app.received import mailbox_file
from lettershop.delivery.mailbox.store import Store
from lettershop.delivery.mailbox.transport import FILE
from lettershop.model.settings import Settings

EVIL = "<script>document.title='mine'</script>"
LETTER = (
    "From: Tidewright <letters@tidewright.example>\r\nTo: ann@example.com\r\n"
    f"Subject: {EVIL}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n"
    "\r\n--b\r\nContent-Type: text/plain\r\n\r\nHello Ann\r\n"
    f"--b\r\nContent-Type: text/html\r\n\r\n<html><head></head><body>{EVIL}<p>Hello</p></body>\r\n"
    "--b\r\nContent-Type: image/gif\r\nContent-Disposition: attachment; filename=a.gif\r\n\r\nGIF"
    "\r\n--b--\r\n"
).encode()


@pytest.fixture
def store(shop: Shop) -> Iterator[Store]:
    """The shop sends to the mailbox, where nothing has arrived yet."""
    workspace = shop.engine.workspace
    workspace.settings = msgspec.structs.replace(workspace.settings, smtp="mailbox")
    found = Store(shop.path / "data" / FILE)
    yield found
    found.close()


def keep(store: Store, subject: str = EVIL, to: str = "ann@example.com") -> int:
    return store.keep("b@tidewright.example", [to], "Tidewright", subject, LETTER)


def test_where_letters_go_elsewhere_there_is_no_mailbox(shop: Shop) -> None:
    client = shop.client("viewer")
    assert client.get("/mailbox").status_code == 404
    assert b'href="/mailbox"' not in client.get("/api/v1/docs").content
    assert b'href="/mailbox"' not in client.get("/account").content


def test_a_mailbox_that_is_empty_says_what_to_do(shop: Shop, store: Store) -> None:
    page = shop.client("viewer").get("/mailbox").content.decode()
    assert "Nothing has arrived yet" in page and 'href="/campaigns"' in page
    assert 'aria-current="page"' in page


def test_letters_are_listed_found_and_turned_over(shop: Shop, store: Store) -> None:
    for number in range(60):
        keep(store, f"Offer {number}", f"reader{number}@example.com")
    client = shop.client("viewer")
    first = client.get("/mailbox").content.decode()
    assert "Offer 59" in first and "Offer 9<" not in first and "60 letters in all" in first
    assert 'hx-trigger="every 5s"' in first
    second = client.get("/mailbox?before=11").content.decode()
    assert "Offer 9<" in second and "every 5s" not in second
    found = client.get("/mailbox/part?q=READER7@").content.decode()
    assert "Offer 7<" in found and "Offer 8<" not in found
    assert "No such letter" in client.get("/mailbox?q=nobody").content.decode()


def test_a_letter_can_do_nothing(shop: Shop, store: Store) -> None:
    number = keep(store)
    client = shop.client("viewer")
    page = client.get(f"/mailbox/{number}")
    text = page.content.decode()
    assert EVIL not in text and "&lt;script&gt;" in text and "Hello Ann" in text
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in text
    frame = client.get(f"/mailbox/{number}/frame")
    assert EVIL in frame.content.decode() and frame["X-Frame-Options"] == "SAMEORIGIN"
    policy = frame["Content-Security-Policy"]
    assert (
        policy.startswith("sandbox ") and "script" not in policy and "default-src 'none'" in policy
    )
    assert "img-src data:" in policy and "https:" not in policy
    loud = client.get(f"/mailbox/{number}/frame?pictures=1")["Content-Security-Policy"]
    assert "img-src data: http: https:" in loud
    source = client.get(f"/mailbox/{number}/source")
    assert source.content == LETTER and source["Content-Type"].startswith("text/plain")
    part = client.get(f"/mailbox/{number}/parts/2")
    assert part["Content-Disposition"].startswith("attachment") and part.content.startswith(b"GIF")


@pytest.mark.parametrize(
    "path",
    ["99", "9" * 30, "99/frame", "99/source", "99/parts/0", "1/parts/77", f"1/parts/{2**70}"],
)
def test_what_is_not_there(shop: Shop, store: Store, path: str) -> None:
    keep(store)
    assert shop.client("viewer").get(f"/mailbox/{path}").status_code == 404


@pytest.mark.parametrize("query", ["before=x", f"before={'9' * 30}", "q=%00", f"q={'x' * 9000}"])
def test_strange_questions(shop: Shop, store: Store, query: str) -> None:
    assert shop.client("viewer").get(f"/mailbox?{query}").status_code == 200


def test_emptying_says_how_many_and_is_written_down(shop: Shop, store: Store) -> None:
    keep(store)
    keep(store)
    assert shop.client("viewer").get("/mailbox/empty").status_code == 403
    editor = shop.client("editor")
    assert "2 letters are deleted" in editor.get("/mailbox/empty").content.decode()
    assert store.count() == 2
    after = editor.post("/mailbox/empty", follow=True).content.decode()
    assert "2 letters deleted." in after and store.count() == 0
    assert AuditEntry.objects.filter(what="mailbox.empty").count() == 1


def test_which_mailbox(shop: Shop) -> None:
    """A mail server on this machine may be `lettershop mailbox`: if it keeps letters here."""
    path = shop.path / "data" / FILE
    here, there = Settings(smtp="smtp://127.0.0.1:2525"), Settings(smtp="smtp://mx.example.com")
    assert mailbox_file(shop.path, here) is None
    Store(path).close()
    assert mailbox_file(shop.path, here) == path
    for settings in (there, Settings(), Settings(smtp="mx://mail.example.com"), Settings(smtp="?")):
        assert mailbox_file(shop.path, settings) is None
