"""A person asks: what is held is counted, taken along, and forgotten."""

import json
import re

from opened_shop import Shop
from pages.settings.test_values import text

from lettershop.access.models import AuditEntry
from lettershop.app import upserts
from lettershop.app.persons import compliance_of
from lettershop.app.running import running

ANN = "ann@example.com"


def known(shop: Shop) -> None:
    with shop.engine.write() as workspace:
        row = {"user_id": "U1", "email": ANN, "traits": {"name": "<b>Ann</b> Lee", "plan": "pro"}}
        upserts.upsert_contacts(workspace, [row])


def test_ann_is_found_exported_and_erased(shop: Shop) -> None:
    known(shop)
    owner = shop.client("owner")
    page = owner.get("/settings/persons", {"who": ANN})
    assert page.status_code == 200 and b"<b>Ann" not in page.content
    assert "user:U1" in text(page) and re.search(r"Traits \d", text(page))
    export = owner.post("/settings/persons/export", {"who": "U1"})
    assert json.loads(export.content)["facts"]["contact"]["contact"] == "user:U1"
    assert "attachment" in export["Content-Disposition"]
    sure = owner.get("/settings/persons/erase", {"who": ANN})
    assert "This cannot be undone." in text(sure)
    wrong = owner.post("/settings/persons/erase", {"who": ANN, "again": "ben@example.com"})
    assert wrong.status_code == 400 and "not the same" in text(wrong)
    done = owner.post("/settings/persons/erase", {"who": ANN, "again": " ANN@example.com "})
    assert "The person is erased" in text(done) and "What remains, and why" in text(done)
    desk = compliance_of(running())
    with shop.engine.read() as workspace:
        assert desk.held(workspace, "U1").facts is not None
        assert desk.held(workspace, "U1").facts["contact"]["deleted"]  # type: ignore[index]
    words = [entry.what for entry in AuditEntry.objects.filter(what__startswith="person.")]
    assert words == ["person.erase", "person.export"]


def test_nobody_is_found_and_that_is_said(shop: Shop) -> None:
    owner = shop.client("owner")
    for who in ("gone@example.com", "U9", "\0", "x" * 5_000, "<script>"):
        page = owner.get("/settings/persons", {"who": who})
        assert page.status_code in (200, 400) and b"<script>" not in page.content
        assert owner.get("/settings/persons/erase", {"who": who}).status_code == 400
        form = {"who": who, "again": who}
        assert owner.post("/settings/persons/erase", form).status_code == 400
        assert owner.post("/settings/persons/export", form).status_code == 400
    assert shop.client("editor").get("/settings/persons").status_code == 403
