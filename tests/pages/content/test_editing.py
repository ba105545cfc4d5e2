"""The editor without its script: a template is begun, typed at, judged, saved, taken back."""

import json
import re
from html import unescape
from typing import Any
from urllib.parse import unquote

from django.test import Client
from opened_shop import Shop
from pages.content.content_shop import LETTER, text

from lettershop.access.models import AuditEntry
from lettershop.app.letter_files import read_file, stamp_of
from lettershop.content.preview.inert import POLICY

FILE = "news/spring.html"
EDIT = "/content/news/spring/-/edit"
DRAFT = "/content/news/spring/-/draft"


def form(typed: str, **more: str) -> dict[str, str]:
    return {"file": FILE, "text": typed, "seen": stamp_of(LETTER), **more}


def framed(client: Client, page: Any) -> Any:
    """What the frame of a draft shows."""
    found = re.search(r'<iframe [^>]*\ssandbox [^>]*src="([^"]+)"', page.content.decode())
    assert found is not None, text(page)
    return client.get(unescape(found[1]))


def marks(page: Any) -> list[dict[str, Any]]:
    found = re.search(r'data-marks="([^"]*)"', page.content.decode())
    assert found is not None
    return list(json.loads(unescape(found[1])))


def undone(client: Client, page: Any) -> Any:
    """Press the button that takes back what was just done."""
    form = re.search(r'<form method="post" action="([^"]+/-/back)">(.*?)</form>', str(page.content))
    assert form is not None, text(page)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[2]))
    return client.post(unquote(form[1]), fields, follow=True)


def test_the_file_is_in_the_form_as_it_is(shop: Shop) -> None:
    page = shop.client("editor").get(EDIT)
    body = page.content.decode()
    area = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", body, re.S)
    assert area is not None and unescape(area[1]) == LETTER
    assert "spring.de.html" in body and f'value="{stamp_of(LETTER)}"' in body
    german = shop.client("editor").get(f"{EDIT}?file=news/spring.de.html")
    assert "Hallo" in text(german)


def test_what_is_typed_is_judged_and_shown_but_not_saved(shop: Shop) -> None:
    client = shop.client("editor")
    typed = LETTER.replace("Hello", "Good day")
    part = client.post(DRAFT, form(typed, who="ann"), headers={"HX-Request": "true"})
    assert b"<html" not in part.content and "Hi <b>Ann</b>" in text(part)
    frame = framed(client, part)
    assert "Good day &lt;b&gt;Ann&lt;/b&gt;" in frame.content.decode()
    assert frame["Content-Security-Policy"] == POLICY
    assert framed(client, part).status_code == 200
    assert read_file(shop.path, FILE).text == LETTER
    whole = client.post(DRAFT, form(typed, who="ann"))
    assert "Good day" in whole.content.decode() and "not saved" in text(whole)


def test_a_draft_is_shown_to_its_author_alone(shop: Shop) -> None:
    client = shop.client("editor")
    part = client.post(DRAFT, form(LETTER, who="ann"), headers={"HX-Request": "true"})
    found = re.search(r'src="(/content/-/drafted/\w+)"', part.content.decode())
    assert found is not None
    assert client.get(found[1]).status_code == 200
    assert shop.client("owner").get(found[1]).status_code == 404
    assert shop.client("viewer").get(found[1]).status_code == 403


def test_findings_have_their_places_in_the_file(shop: Shop) -> None:
    client = shop.client("editor")
    typed = LETTER.replace("Hello", "Hello {{ contact.plan | shout }}")
    part = client.post(DRAFT, form(typed), headers={"HX-Request": "true"})
    errors = [mark for mark in marks(part) if mark["level"] == "error"]
    assert errors and "It cannot be shown before this is mended" in text(part)
    lines = typed.split("\n")
    assert any("| shout" in lines[mark["line"] - 1] for mark in errors), errors


def test_a_slip_of_the_pen_is_told_with_what_was_meant(shop: Shop) -> None:
    typed = LETTER.replace("Hello", "{{ contact.plam }}")
    part = shop.client("editor").post(DRAFT, form(typed), headers={"HX-Request": "true"})
    (found,) = [mark for mark in marks(part) if mark["code"] == "letter.unknown_field"]
    assert "contact.plan" in found["says"]
    assert "{{ contact.plam }}" in typed.split("\n")[found["line"] - 1]


def test_saving_writes_the_file_and_can_be_undone(shop: Shop) -> None:
    client = shop.client("editor")
    typed = LETTER.replace("Hello", "Good day")
    saved = client.post(EDIT, form(typed.replace("\n", "\r\n")), follow=True)
    assert "content/news/spring.html is saved" in text(saved)
    assert (shop.path / "content" / FILE).read_bytes().decode() == typed
    entry = AuditEntry.objects.get(what="content.write")
    assert (entry.who, entry.target) == ("editor@example.com", FILE)
    assert "is as it was before" in text(undone(client, saved))
    assert read_file(shop.path, FILE).text == LETTER
    again = client.post(EDIT, form(LETTER), follow=True)
    assert "There was nothing to save" in text(again)


def test_two_people_edit_one_file(shop: Shop) -> None:
    theirs, mine = LETTER.replace("Hello", "Theirs"), LETTER.replace("Hello", "Mine")
    client = shop.client("editor")
    shop.client("owner").post(EDIT, form(theirs))
    page = client.post(EDIT, form(mine))
    assert page.status_code == 409 and "Somebody else saved this file meanwhile" in text(page)
    assert "-<body><p>Theirs" in text(page) or "Theirs" in text(page)
    assert f'value="{stamp_of(theirs)}"' in page.content.decode()
    assert read_file(shop.path, FILE).text == theirs
    assert client.post(EDIT, form(mine) | {"seen": stamp_of(theirs)}).status_code == 302
    assert read_file(shop.path, FILE).text == mine


def test_a_new_template_begins_as_a_starter_and_can_be_taken_back(shop: Shop) -> None:
    client = shop.client("editor")
    begun = client.post("/content/-/new", {"name": "Autumn/One", "kind": "plain"}, follow=True)
    assert begun.redirect_chain == [("/content/autumn/one/-/edit", 302)]
    assert "A question" in begun.content.decode()
    taken = client.post("/content/-/new", {"name": "autumn/one", "kind": "blank"})
    assert taken.status_code == 400 and "there is a template “autumn/one”" in text(taken)
    for name in ("", "a b", "../x", "x" * 150, "a//b"):
        refused = client.post("/content/-/new", {"name": name, "kind": "plain"})
        assert refused.status_code == 400, name
    undone(client, begun)
    assert not (shop.path / "content" / "autumn" / "one.mjml").exists()


def test_a_language_and_a_text_part_are_added_and_removed(shop: Shop) -> None:
    client = shop.client("editor")
    add = "/content/news/spring/-/add"
    french = client.post(add, {"language": "FR"}, follow=True)
    assert "news/spring.fr.html was added" in text(french)
    assert 'title = "Spring' not in read_file(shop.path, "news/spring.fr.html").text
    plain = client.post(add, {"part": "text", "language": ""}, follow=True)
    assert "news/spring.txt was added" in text(plain)
    assert "is not a language" in text(client.post(add, {"language": "klingon!"}, follow=True))
    asked = client.get("/content/news/spring/-/remove?file=news/spring.fr.html")
    assert "Remove content/news/spring.fr.html?" in text(asked)
    seen = re.search(r'name="seen" value="(\w+)"', asked.content.decode())
    assert seen is not None
    fields = {"file": "news/spring.fr.html", "seen": seen[1]}
    gone = client.post("/content/news/spring/-/remove", fields, follow=True)
    assert "was removed" in text(gone) and "spring.fr.html" not in [
        path.name for path in (shop.path / "content" / "news").iterdir()
    ]
    undone(client, gone)
    assert read_file(shop.path, "news/spring.fr.html").text


def test_viewers_see_no_editor(shop: Shop) -> None:
    viewer = shop.client("viewer")
    assert viewer.get(EDIT).status_code == 403
    assert viewer.post(EDIT, form("x")).status_code == 403
    assert "Edit" not in text(viewer.get("/content/news/spring"))


def test_only_files_of_the_template_are_edited(shop: Shop) -> None:
    client = shop.client("editor")
    for path in ("../lettershop.toml", "news/other.html", "/etc/passwd", "x\0", "é" * 400):
        assert client.get(EDIT, {"file": path}).status_code == 404
        for address in (
            EDIT,
            DRAFT,
            "/content/news/spring/-/remove",
            "/content/news/spring/-/back",
        ):
            assert client.post(address, {"file": path, "text": "x"}).status_code == 404, address
    assert client.get("/content/none/-/edit").status_code == 404


def test_whatever_is_typed_a_page_comes_back(shop: Shop) -> None:
    client = shop.client("editor")
    for typed in (
        "",
        "\0",
        "+++",
        "+++\n[",
        "{{",
        "{% for",
        "</textarea><script>alert(1)</script>",
    ):
        for address in (DRAFT, EDIT):
            page = client.post(address, form(typed, who="ann"), headers={"HX-Request": "true"})
            assert page.status_code in (200, 302, 400, 409), (address, typed)
            assert b"<script>alert" not in page.content
        stamp = read_file(shop.path, FILE).stamp
        client.post(EDIT, form(LETTER) | {"seen": stamp})
    assert read_file(shop.path, FILE).text == LETTER
