"""consent.toml on a page: checked while it is written, replaced as a whole, taken back."""

from opened_shop import Shop
from pages.settings.test_values import text, undo_on

from lettershop.access.models import AuditEntry
from lettershop.app.changing.deciding import consent_text, version_of
from lettershop.compliance.policy import load_policy

PAGE = "/settings/consent"


def test_an_owner_lowers_the_cap_and_takes_it_back(shop: Shop) -> None:
    owner, before = shop.client("owner"), consent_text(shop.path)
    after = before.replace("letters = 3", "letters = 2").replace("\n", "\r\n")
    form = {"text": after, "seen": version_of(before)}
    looked = owner.post(f"{PAGE}/check", form, headers={"HX-Request": "true"})
    assert b"<ins>+caps = [{ letters = 2" in looked.content and b"<html" not in looked.content
    assert consent_text(shop.path) == before
    assert owner.post(f"{PAGE}/save", form)["Location"] == PAGE
    assert load_policy(shop.path).streams["marketing"].caps[0].letters == 2
    assert "\r" not in consent_text(shop.path)
    page = owner.get(PAGE)
    assert "2 letters in 7 days" in text(page)
    address, fields = undo_on(page)
    owner.post(address, fields)
    assert consent_text(shop.path) == before
    assert AuditEntry.objects.filter(what="consent.policy").count() == 2


def test_mistakes_are_shown_and_change_nothing(shop: Shop) -> None:
    before = consent_text(shop.path)
    form = {"text": '[purpose.news]\nbasis = "wish"\n', "seen": version_of(before)}
    answer = shop.client("owner").post(f"{PAGE}/save", form)
    assert answer.status_code == 400 and "consent.toml:2" in text(answer)
    assert consent_text(shop.path) == before


def test_nobody_overwrites_what_another_has_written_meanwhile(shop: Shop) -> None:
    owner, before = shop.client("owner"), consent_text(shop.path)
    (shop.path / "consent.toml").write_text(before + "# Ben was here\n", "utf-8")
    answer = owner.post(f"{PAGE}/save", {"text": "# mine\n", "seen": version_of(before)})
    assert answer.status_code == 400 and "consent.changed" in text(answer)
    assert "Ben was here" in consent_text(shop.path)
    for version in ("../../secret", "0" * 16, ""):
        assert owner.post(f"{PAGE}/undo", {"version": version}).status_code == 302
    assert "Ben was here" in consent_text(shop.path)


def test_viewers_read_it(shop: Shop) -> None:
    page = shop.client("viewer").get(PAGE)
    assert page.status_code == 200 and b"readonly" in page.content
    assert shop.client("editor").post(f"{PAGE}/save", {"text": ""}).status_code == 403
