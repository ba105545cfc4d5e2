"""Suppressions and notices: found, added, undone with a reason, taken along."""

import re
from html import unescape

from opened_shop import Shop

from lettershop.access.models import AuditEntry
from lettershop.app.compliance import Compliance
from lettershop.compliance.models import Suppression
from lettershop.compliance.suppression import NewSuppression, suppress_many
from lettershop.delivery.models import Notice

PAGE = "/deliverability/suppressions"
ADD = {"address": "Ann@Example.com", "scope": "all", "reason": "manual", "note": "by phone"}


def number() -> int:
    found = Suppression.objects.order_by("-id").values_list("id", flat=True).first()
    assert found is not None
    return found


def undo(page: str) -> tuple[str, dict[str, str]]:
    """The form beside what was just told."""
    form = re.search(
        r'role="status".*?<form method="post" action="([^"]+)">(.*?)</form>', page, re.S
    )
    assert form is not None
    fields = re.findall(r'name="(\w+)" value="([^"]*)"', form[2])
    return form[1], {name: unescape(value) for name, value in fields if name[0] != "c"}


def test_added_found_and_taken_back(shop: Shop) -> None:
    client = shop.client("editor")
    page = client.post(f"{PAGE}/add", ADD, follow=True).content.decode()
    assert "ann@example.com" in page and "entered by hand" in page
    assert "ann@example.com" in client.get(f"{PAGE}?q=ANN@").content.decode()
    assert "ann@example.com" not in client.get(f"{PAGE}?q=ben").content.decode()
    client.post(*undo(page))
    assert not Suppression.objects.filter(lifted_at__isnull=True).exists()
    assert "added by mistake" in client.get(f"{PAGE}?all=1").content.decode()


def test_undone_with_a_reason_and_suppressed_again(shop: Shop) -> None:
    client = shop.client("editor")
    client.post(f"{PAGE}/add", ADD | {"until": "2026-12-24"})
    address = f"{PAGE}/{number()}/lift"
    assert client.post(address, {"why": "he called"}).status_code == 400  # not sure
    assert client.post(address, {"why": " ", "sure": "1"}).status_code == 400
    page = client.post(address, {"why": "he called", "sure": "1"}, follow=True).content.decode()
    assert AuditEntry.objects.filter(what="suppression.lift").count() == 1
    client.post(*undo(page))
    again = Suppression.objects.get(lifted_at__isnull=True)
    assert (again.reason, again.scope, again.note) == ("manual", "all", "by phone")
    assert again.expires_at == Suppression.objects.earliest("id").expires_at


def test_a_complaint_is_not_simply_undone(shop: Shop) -> None:
    editor = shop.client("editor")
    editor.post(f"{PAGE}/add", ADD | {"reason": "complaint"})
    address = f"{PAGE}/{number()}/lift"
    sure = {"why": "a slip", "sure": "1"}
    assert editor.post(address, sure).status_code == 403
    assert Suppression.objects.filter(lifted_at__isnull=True).count() == 1
    owner = shop.client("owner")
    assert "may be unlawful" in owner.get(address).content.decode()
    assert owner.post(address, sure).status_code == 302
    assert Suppression.objects.filter(lifted_at__isnull=True).count() == 0


def test_what_cannot_be_added_is_said_beside_the_form(shop: Shop) -> None:
    client = shop.client("editor")
    for wrong in ({"address": "nobody"}, {"scope": "x"}, {"reason": "erased"}, {"until": "soon"}):
        answer = client.post(f"{PAGE}/add", ADD | wrong)
        assert answer.status_code == 400
        assert 'role="alert"' in answer.content.decode()
    assert not Suppression.objects.exists()
    assert shop.client("viewer").post(f"{PAGE}/add", ADD).status_code == 403


def test_the_list_as_a_file(shop: Shop) -> None:
    shop.client("editor").post(f"{PAGE}/add", ADD | {"note": "=1+1"})
    assert shop.client("editor").post(f"{PAGE}/file").status_code == 403
    answer = shop.client("owner").post(f"{PAGE}/file")
    text = answer.content.decode()
    assert "ann@example.com" in text and "'=1+1" in text
    assert AuditEntry.objects.filter(what="suppression.export").count() == 1


def test_the_list_comes_in_pages_and_bears_nonsense(shop: Shop) -> None:
    client, desk = shop.client("editor"), Compliance(shop.path, shop.engine.workspace.settings)
    new = [NewSuppression(address=f"p{n}@example.com") for n in range(53)]
    suppress_many(desk.book, new, by="a list", at=shop.clock.now())
    first = client.get(PAGE).content.decode()
    later = re.search(r'rel="next" href="([^"]+)"', first)
    assert later is not None and "p2@example.com" not in first
    assert "p2@example.com" in client.get(PAGE + unescape(later[1])).content.decode()
    for query in ("before=9e99", "before=-1", "before=" + "9" * 500, "q=%00", "q=" + "x" * 5_000):
        assert client.get(f"{PAGE}?{query}").status_code == 200


def test_notices_wait_until_somebody_has_dealt_with_them(shop: Shop) -> None:
    said = "<b>Yes</b>, call me"
    common = {"send": 1, "at": shop.clock.now(), "contact": "user:bob", "mailbox": "bob@b.example"}
    Notice.objects.create(
        row=1, kind="reply", of="1", owner="mara", why="answered", said=said, **common
    )
    Notice.objects.create(row=2, kind="bounce", of="2", why="dead", **common)
    client = shop.client("editor")
    page = client.get("/deliverability/notices").content.decode()
    assert "&lt;b&gt;Yes&lt;/b&gt;" in page and "<b>Yes" not in page
    one = Notice.objects.get(row=1).pk
    page = client.post(f"/deliverability/notices/{one}/done", follow=True).content.decode()
    assert "call me" not in page
    done = client.get("/deliverability/notices?done=1").content.decode()
    assert "call me" in done and "editor@example.com" in done
    client.post(*undo(page))
    mine = client.get("/deliverability/notices?owner=MARA").content.decode()
    assert "call me" in mine and "dead" not in mine.split("<table")[1].split("</table")[0]
    assert client.post("/deliverability/notices/999/done").status_code == 404
