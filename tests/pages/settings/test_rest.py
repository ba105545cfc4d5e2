"""The audit trail, webhooks, backups, tokens, and one's own account."""

import re

import pytest
from opened_shop import PASSWORD, Shop
from pages.settings.test_values import text, undo_on
from unguarded import unguard

from lettershop.access.audit import audit
from lettershop.access.models import AuditEntry, User
from lettershop.app.backups import Backups
from lettershop.segments.models_streams import Webhook


def test_the_trail_is_filtered_paged_and_written_as_csv(shop: Shop) -> None:
    owner = shop.client("owner")
    for number in range(60):
        audit(shop.principal("editor"), "test.done", f"thing <i>{number}</i>", number=number)
    audit(shop.principal("owner"), "test.other", "elsewhere")
    first = owner.get("/settings/audit", {"what": "test.done"})
    assert b"<i>" not in first.content and "thing <i>59</i>" in text(first)
    assert "elsewhere" not in text(first)
    later = re.search(r'rel="next" href="([^"]+)"', first.content.decode())
    assert later is not None
    second = text(owner.get("/settings/audit" + later[1].replace("&amp;", "&")))
    assert "thing <i>9</i>" in second and "thing <i>10</i>" not in second
    assert "elsewhere" in text(owner.get("/settings/audit", {"who": "owner@example.com"}))
    assert "Nothing is like this" in text(owner.get("/settings/audit", {"until": "2001-01-01"}))
    rows = owner.get("/settings/audit.csv", {"target": "elsewhere"}).content.decode().split("\r\n")
    assert rows[0].startswith("number,at,who") and len(rows) == 3


def test_a_changed_entry_breaks_the_chain(shop: Shop) -> None:
    owner = shop.client("owner")
    for number in range(3):
        audit(shop.principal("editor"), "test.done", str(number))
    whole = text(owner.get("/settings/audit?check=1"))
    assert "entries is whole" in whole and "newest hash" in whole
    assert "is not in it" in text(owner.get("/settings/audit?check=1&head=abc"))
    unguard("access_auditentry")
    AuditEntry.objects.filter(target="1").update(who="nobody")
    assert "The chain is broken" in text(owner.get("/settings/audit?check=1"))


@pytest.mark.parametrize(
    "query",
    ["before=x", "before=" + "9" * 400, "since=2026-99-01", "until=9999-12-31", "who=%00",
     "since=0001-01-01", "check=1&head=" + "x" * 9000],
)  # fmt: skip
def test_hostile_questions_get_a_page(shop: Shop, query: str) -> None:
    owner = shop.client("owner")
    assert owner.get(f"/settings/audit?{query}").status_code == 200
    assert owner.get(f"/settings/audit.csv?{query}").status_code == 200


def test_a_webhook_is_added_shown_once_enabled_and_removed(shop: Shop) -> None:
    client = shop.client("editor")
    form = {"name": "crm", "url": "https://crm.example.com/in", "segments": "vip, trial"}
    made = client.post("/settings/webhooks/add", form)
    secret = re.search(r'id="secret">([^<]+)<', made.content.decode())
    assert secret is not None and secret[1].startswith("ls_wh_")
    assert secret[1] not in client.get("/settings/webhooks/crm").content.decode()
    Webhook.objects.update(enabled=False, reason="did not answer for 3 days", failures=9)
    listing = text(client.get("/settings/webhooks"))
    assert "stopped did not answer for 3 days" in listing and "vip, trial" in listing
    assert client.post("/settings/webhooks/crm/enable").status_code == 302
    assert Webhook.objects.get().enabled
    assert "cannot be taken back" in text(client.get("/settings/webhooks/crm/remove"))
    assert Webhook.objects.get().removed_at is None
    client.post("/settings/webhooks/crm/remove")
    assert client.get("/settings/webhooks/crm").status_code == 404
    wrong = client.post("/settings/webhooks/add", {"name": "crm", "url": "http://10.0.0.1/"})
    assert wrong.status_code == 400 and "webhook.url" in text(wrong)


def test_a_backup_is_made_beside_everything_else(shop: Shop) -> None:
    owner = shop.client("owner")
    assert "There is no backup yet" in text(owner.get("/settings/backups"))
    assert owner.post("/settings/backups/make")["Location"] == "/settings/backups"
    shop.running.backups.wait(20)
    page = owner.get("/settings/backups/part")
    assert re.search(r"lettershop-2026-03-02T09-00Z\.tar", text(page))
    assert b"hx-trigger" not in page.content and b"<html" not in page.content
    assert AuditEntry.objects.filter(what="backup.make").count() == 1
    owner.post("/settings/backups/make")
    shop.running.backups.wait(20)
    assert "this file exists already" in text(owner.get("/settings/backups"))


def test_a_backup_that_nobody_wants_any_more_leaves_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def impatient(self: Backups, what: str, done: int, total: int) -> None:
        self.cancel()
        told(self, what, done, total)

    told = Backups._tell
    monkeypatch.setattr(Backups, "_tell", impatient)
    shop.running.backups.begin(shop.principal("owner"), "1.0")
    shop.running.backups.wait(20)
    assert shop.running.backups.making.error == "cancelled" and not shop.running.backups.kept()
    assert list((shop.path / "data" / "backups").iterdir()) == []


def test_a_viewer_chooses_how_pages_are_shown(shop: Shop) -> None:
    viewer = shop.client("viewer")
    chosen = {"language": "de", "zone": "Asia/Jakarta", "theme": "dark"}
    assert viewer.post("/account/choices", chosen)["Location"] == "/account"
    page = viewer.get("/account")
    assert '<html lang="de"' in page.content.decode() and "Asia/Jakarta" in text(page)
    assert 'data-bs-theme="dark"' in page.content.decode()
    address, fields = undo_on(page)
    viewer.post(address, fields)
    user = User.objects.get(email="viewer@example.com")
    assert (user.language, user.zone, user.theme) == ("", "", "")
    assert AuditEntry.objects.filter(what="user.choices").count() == 2


@pytest.mark.parametrize("form", [{"language": "tlh"}, {"zone": "Mars/Base"}, {"theme": "pink"}])
def test_choices_that_are_not_there(shop: Shop, form: dict[str, str]) -> None:
    assert shop.client("viewer").post("/account/choices", form).status_code == 400


def test_signing_out_everywhere_else(shop: Shop) -> None:
    here, elsewhere, other = shop.client("viewer"), shop.client("viewer"), shop.client("editor")
    assert "Sign out everywhere else" in text(here.get("/account"))
    here.post("/account/sessions/end")
    assert "Signed out in 1 other browser." in text(here.get("/account"))
    assert elsewhere.get("/account").status_code == 302
    assert other.get("/account").status_code == 200
    login = {"email": "viewer@example.com", "password": PASSWORD}
    assert elsewhere.post("/login", login).status_code == 302


def test_a_role_is_taken_back_by_undo(shop: Shop) -> None:
    owner, ben = shop.client("owner"), shop.user("viewer")
    owner.post(f"/settings/people/{ben.pk}/change", {"do": "role", "role": "editor"})
    address, fields = undo_on(owner.get("/settings/people"))
    owner.post(address, fields)
    ben.refresh_from_db()
    assert ben.role == "viewer"
