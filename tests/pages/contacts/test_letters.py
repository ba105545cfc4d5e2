"""Letters sent to a contact: the list, each as it was received, and what came back."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_client import Crm
from message_shop import AT, ORDER, message_shop
from opened_shop import Shop

from lettershop.content.folder import load_templates
from lettershop.delivery.editions import keep
from lettershop.delivery.models import Message, Snapshot
from lettershop.engines.duckdb.rows import load
from lettershop.model.clock import HOUR
from lettershop.model.facts import EventFact


@pytest.fixture
def shop(tmp_path: Path, empty_records: Path) -> Iterator[Shop]:
    with message_shop(tmp_path / "shop", empty_records) as opened:
        yield opened


@pytest.fixture
def crm(shop: Shop) -> Crm:
    return Crm(shop)


def send(crm: Crm, **data: Any) -> int:
    """A receipt to Ann, accepted by the mail server; its row."""
    asked = {"template": "receipt", "to": {"user_id": "U1"}, "data": ORDER | data}
    row = int(crm.post("/messages", asked, 202)["id"])
    Message.objects.filter(id=row).update(state="accepted", attempted_at=AT + HOUR)
    return row


def came(shop: Shop, row: int, name: str, grade: str, at: int = AT + 2 * HOUR) -> None:
    said = {"message": row, "grade": grade, "link_url": "https://x.example/a"}
    fact = EventFact(
        ts=at,
        received_at=at,
        message_id=f"{name}{row}{grade}{at}",
        contact="user:U1",
        name=name,
        properties=said,
    )
    with shop.engine.write() as workspace:
        load(workspace.store, [fact])


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())


def test_what_was_sent_is_listed_with_who_opened_it(shop: Shop, crm: Crm) -> None:
    row = send(crm)
    came(shop, row, "Email Opened", "machine")
    came(shop, row, "Email Opened", "human")
    came(shop, row, "Email Link Clicked", "human")
    came(shop, row, "Email Replied", "human")
    listed = text(shop.client("viewer").get("/contacts/user:U1?tab=letters"))
    assert "receipt" in listed and "accepted" in listed and "Email Replied" in listed
    assert "1 + 1 by machines or unclear 1" in listed
    story = shop.client("viewer").get("/contacts/user:U1").content.decode()
    assert story.count(f'href="/letters/{row}"') == 4
    assert ">human</span>" in story and ">machine</span>" in story


def test_a_letter_is_shown_exactly_as_it_was_received(shop: Shop, crm: Crm) -> None:
    row = send(crm, note="<script>alert(1)</script>")
    came(shop, row, "Email Link Clicked", "human")
    (shop.path / "content" / "receipt.html").write_text("+++\nsubject = 'New'\n+++\n<p>new</p>\n")
    client = shop.client("viewer")
    page = client.get(f"/letters/{row}")
    assert "Receipt R-17 for Ann" in text(page) and "Email Link Clicked human" in text(page)
    assert (
        f'sandbox referrerpolicy="no-referrer" title="The letter" src="/letters/{row}/frame"'
        in (page.content.decode())
    )
    frame = client.get(f"/letters/{row}/frame")
    html = frame.content.decode()
    assert "Röhre: 12.5" in html and "As a pro" in html and "Dear Ann of Acme" in html
    assert "sandbox" in frame["Content-Security-Policy"]
    assert "script" not in frame["Content-Security-Policy"] and "<script>alert" not in html
    assert "Röhre: 12.5" in text(client.get(f"/letters/{row}?view=text"))


def test_their_own_links_to_leave_are_not_shown(shop: Shop, crm: Crm) -> None:
    row = send(crm)
    offer = load_templates(shop.path / "content").named("offer")
    Message.objects.filter(id=row).update(digest=keep(offer, AT))
    html = shop.client("viewer").get(f"/letters/{row}/frame").content.decode()
    assert "Leave" in html and "/u/" not in html and "#left-out" in html


def test_a_forgotten_letter_says_so(shop: Shop, crm: Crm) -> None:
    row = send(crm)
    Snapshot.objects.filter(message=row).delete()
    client = shop.client("viewer")
    assert "nothing is kept of what it said" in text(client.get(f"/letters/{row}"))
    assert client.get(f"/letters/{row}/frame").status_code == 404


def test_letters_come_in_pages(shop: Shop, crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [send(crm, order=f"R-{n}") for n in range(3)]
    monkeypatch.setattr("lettershop.web.pages.contacts.tabs.PAGE", 2)
    client = shop.client("viewer")
    first = client.get("/contacts/user:U1?tab=letters").content.decode()
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following and f"/letters/{rows[0]}" not in first
    second = client.get("/contacts/user:U1" + following[1].replace("&amp;", "&")).content.decode()
    assert f"/letters/{rows[0]}" in second and f"/letters/{rows[2]}" not in second
