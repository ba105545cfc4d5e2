"""What publishing one template changes: shown before, done once, kept as versions."""

import re
from typing import Any

from opened_shop import Shop
from pages.content.content_shop import LETTER, text

from lettershop.access.models import AuditEntry
from lettershop.app.template_answers import templates_in_force
from lettershop.campaigns.definition import Campaign
from lettershop.campaigns.models import CampaignRecord
from lettershop.campaigns.records import kept

CHANGES = "/content/news/spring/-/changes"
PUBLISH = "/content/news/spring/-/publish"


def fingerprint(page: Any) -> str:
    found = re.search(r'name="fingerprint" value="(\w*)"', page.content.decode())
    assert found is not None, text(page)
    return found[1]


def publish(shop: Shop, **more: str) -> Any:
    client = shop.client("editor")
    said = {"fingerprint": fingerprint(client.get(CHANGES)), **more}
    return client.post(PUBLISH, said, follow=True)


def write(shop: Shop, said: str) -> None:
    (shop.path / "content" / "news" / "spring.html").write_text(said, "utf-8")


def test_a_draft_is_shown_and_put_in_force(shop: Shop) -> None:
    client = shop.client("editor")
    before = client.get(CHANGES)
    assert "in force for the first time" in text(before)
    assert "+++ content/news/spring.html" in text(before)
    done = publish(shop, note="spring is here")
    assert "Version 1 of “news/spring” is in force" in text(done)
    assert "the files say what is in force" in text(done) and "spring is here" in text(done)
    assert [found.name for found in templates_in_force()] == ["news/spring"]
    entry = AuditEntry.objects.get(what="template.publish")
    assert (entry.target, entry.details["note"]) == ("news/spring", "spring is here")


def test_a_change_takes_the_place_of_what_was_there(shop: Shop) -> None:
    publish(shop)
    write(shop, LETTER.replace("Hello", "Good day"))
    page = shop.client("viewer").get(CHANGES)
    assert "take the place of version 1" in text(page) and "/-/publish" not in str(page.content)
    assert '<span class="gone">-' in page.content.decode()
    publish(shop)
    versions = text(shop.client("viewer").get(CHANGES))
    assert "2 in force" in versions and "1 retired" in versions
    old = shop.client("viewer").get("/content/news/spring/-/versions/2")
    assert "What it changed of version 1" in text(old) and "Good day" in text(old)
    assert shop.client("viewer").get("/content/news/spring/-/versions/9").status_code == 404


def test_what_has_errors_is_not_published(shop: Shop) -> None:
    write(shop, LETTER.replace("contact.first_name", "contact.frist_name"))
    page = shop.client("editor").get(CHANGES)
    assert "Errors have to be mended first" in text(page)
    assert "fingerprint" not in page.content.decode()
    write(shop, "no front matter")
    assert "cannot be published before" in text(shop.client("editor").get(CHANGES))
    refused = shop.client("editor").post(PUBLISH, {"fingerprint": ""})
    assert refused.status_code == 400 and templates_in_force() == []


def test_who_saw_something_else_is_told(shop: Shop) -> None:
    client = shop.client("editor")
    seen = fingerprint(client.get(CHANGES))
    publish(shop)
    write(shop, LETTER.replace("Hello", "Good day"))
    late = client.post(PUBLISH, {"fingerprint": seen})
    assert late.status_code == 400 and "something else was published meanwhile" in text(late)


def test_a_template_without_files_is_taken_out_of_force(shop: Shop) -> None:
    publish(shop)
    for file in (shop.path / "content" / "news").iterdir():
        file.unlink()
    assert "in force, without files" in text(shop.client("viewer").get("/content"))
    assert "Take it out of force" in text(shop.client("editor").get(CHANGES))
    gone = publish(shop)
    assert "is not in force any more" in text(gone) and templates_in_force() == []


def test_campaigns_that_send_it_are_named(shop: Shop) -> None:
    for name, state in (("autumn", "draft"), ("winter", "done")):
        definition = kept(Campaign(name=name, content="news/spring", include=("everybody",)))
        CampaignRecord.objects.create(
            name=name, form="toml", text="", definition=definition, state=state, author="ann",
            created_at=1, changed_at=1,
        )  # fmt: skip
    page = text(shop.client("viewer").get(CHANGES))
    assert "autumn draft" in page and "winter" not in page


def test_there_is_nothing_of_what_is_not_there(shop: Shop) -> None:
    client = shop.client("editor")
    assert client.get("/content/none/-/changes").status_code == 404
    assert client.post("/content/none/-/publish", {"fingerprint": "x"}).status_code == 404
