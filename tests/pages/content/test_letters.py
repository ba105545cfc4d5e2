"""Letters in a browser: looked at as somebody, proved for everybody, never let out of the frame."""

import re
import time
from html import unescape

import pytest
from django.test import Client
from opened_shop import Shop
from pages.content.content_shop import LETTER, text

from lettershop.content.folder import load_templates
from lettershop.content.preview.inert import POLICY
from lettershop.content.proof import records
from lettershop.content.proof.said import Audienced


def proved(client: Client) -> str:
    """The address of a proof that is done."""
    begun = client.post("/prove/news/spring", {"segment": "everybody"})
    assert begun.status_code == 302, text(begun)
    address, end = str(begun["Location"]), time.monotonic() + 20
    while client.get(f"{address}/part").headers.get("HX-Refresh") != "true":
        assert time.monotonic() < end
        time.sleep(0.02)
    return address


# --- looking ------------------------------------------------------------------------------------


def test_the_list_says_what_is_wrong_and_what_may_leave(shop: Shop) -> None:
    (shop.path / "content" / "bad.html").write_text("no front matter", "utf-8")
    page = text(shop.client("viewer").get("/content"))
    assert "bad bad has errors default 1 error" in page
    assert "Spring & more news/spring · Hi {{ contact.first_name }} draft default, de" in page
    assert "never locked never proved" in page
    found = text(shop.client("viewer").get("/content?q=SPRING"))
    assert "Spring & more" in found and "has errors" not in found
    assert "No template is called that" in text(shop.client("viewer").get("/content?q=zebra"))


def test_a_letter_is_shown_in_a_frame_that_can_do_nothing(shop: Shop) -> None:
    client = shop.client("viewer")
    page = client.get("/content/news/spring?who=ann")
    assert page.status_code == 200
    assert "frame-src 'self';" in page["Content-Security-Policy"]
    assert "Subject Hi <b>Ann</b>" in text(page)
    assert b"<b>Ann</b>" not in page.content and b"Hello" not in page.content
    found = re.search(r'<iframe [^>]*\ssandbox [^>]*src="([^"]+)"', page.content.decode())
    assert found is not None
    frame = client.get(unescape(found[1]))
    html = frame.content.decode()
    assert frame["Content-Security-Policy"] == POLICY
    assert (frame["X-Frame-Options"], frame["Referrer-Policy"]) == ("SAMEORIGIN", "no-referrer")
    assert "default-src 'none'" in POLICY and POLICY.endswith("; sandbox")
    assert "script-src" not in POLICY and "allow-" not in POLICY
    assert "Hello &lt;b&gt;Ann&lt;/b&gt;" in html and "<script" not in html
    assert '<base target="_blank">' in html and "color-scheme: dark !important" not in html


def test_nobody_reads_a_letter_without_signing_in(shop: Shop) -> None:
    assert shop.client().get("/letter/news/spring?who=ann").status_code == 302


def test_dark_and_narrow(shop: Shop) -> None:
    client = shop.client("viewer")
    page = client.get("/content/news/spring?who=ann&dark=1&narrow=1")
    assert 'class="mail narrow dark"' in page.content.decode()
    assert "are not imitated" in text(page)
    html = client.get("/letter/news/spring?who=ann&dark=1").content.decode()
    assert "@media (min-width: 0) { p { color: #eee } }" in html
    assert "color-scheme: dark !important" in html


@pytest.mark.parametrize(
    ("tab", "says"),
    [
        ("text", "Hello <b>Ann</b>, you have the plan pro."),
        ("source", "From: Mara <mara@acme.example> To: ann@acme.example Subject: Hi <b>Ann</b>"),
        ("values", "contact.plan text pro"),
        ("values", "deals[0].name text <script>alert(1)</script>"),
        ("findings", "content/news/spring.html"),
        ("nonsense", "Light Dark"),
    ],
)
def test_the_other_sides_of_a_letter(shop: Shop, tab: str, says: str) -> None:
    page = shop.client("viewer").get(f"/content/news/spring?who=ann&tab={tab}")
    assert b"<script>alert" not in page.content
    assert says.replace("<b>", "").replace("</b>", "") in re.sub(r"</?b>", "", text(page))


def test_whose_letter_is_found_by_name(shop: Shop) -> None:
    client = shop.client("viewer")
    several = text(client.get("/content/news/spring?who=lee"))
    assert "Which one?" in several and "Ann Lee" in several and "Cem Kaya" not in several
    assert "Subject Hallo colleague" in text(
        client.get("/content/news/spring?who=ben@acme.example")
    )
    english = client.get("/content/news/spring?who=ben&language=xx")
    assert "Subject Hi colleague" in text(english)
    assert "Subject Hallo Cem" not in text(client.get("/content/news/spring?who=cem&language=de"))
    nobody = text(client.get("/content/news/spring?who=zoe"))
    assert "zoe" in nobody and "Subject" not in nobody


def test_who_gets_no_letter_is_told_why(shop: Shop) -> None:
    page = shop.client("viewer").get("/content/news/spring?who=cem")
    assert "No letter for this contact: no plan" in text(page)
    assert b"<iframe" not in page.content
    assert shop.client("viewer").get("/letter/news/spring?who=cem").status_code == 404


def test_a_template_with_errors_is_only_told_about(shop: Shop) -> None:
    (shop.path / "content" / "bad.html").write_text(LETTER.replace("{% endfor %}", ""), "utf-8")
    page = shop.client("editor").get("/content/bad")
    assert "cannot be used yet" in text(page) and "content/bad.html" in text(page)
    assert (
        b"<iframe" not in page.content and b'<form method="post" action="/prove' not in page.content
    )
    assert shop.client("editor").get("/content/none").status_code == 404


# --- proving ------------------------------------------------------------------------------------


def test_an_editor_proves_and_accepts_what_is_meant(shop: Shop) -> None:
    editor, viewer = shop.client("editor"), shop.client("viewer")
    proof = proved(editor)
    page = editor.get(proof)
    said = text(page)
    assert "Sending is locked: 1 finding that nobody has accepted" in said
    assert "letter.empty_loop" in said and "1: no plan" in said
    key = re.search(
        r'action="/proofs/\d+/accept" class="d-flex.*?name="key" value="(\w+)"',
        page.content.decode(),
    )
    assert key is not None
    assert "Accept" not in text(viewer.get(proof)) and "Prove for" not in text(
        viewer.get("/content/news/spring")
    )
    assert viewer.post(f"{proof}/accept", {"key": key[1], "reason": "x"}).status_code == 403
    blank = editor.post(f"{proof}/accept", {"key": key[1], "reason": " "})
    assert blank.status_code == 400 and "say why it is meant" in text(blank)
    assert (
        editor.post(f"{proof}/accept", {"key": key[1], "reason": "new <b>people</b>"})["Location"]
        == proof
    )
    done = editor.get(proof)
    assert "Nothing this proof found stands in the way" in text(done)
    assert "accepted by editor@example.com: new <b>people</b>" in text(done)
    assert b"<b>people" not in done.content
    assert "done, 3 people free" in text(viewer.get("/content"))
    editor.post(f"{proof}/withdraw", {"key": key[1]})
    assert "Sending is locked" in text(editor.get(proof))


def test_each_class_shows_somebody_of_it(shop: Shop) -> None:
    client = shop.client("editor")
    proved(client)
    page = client.get("/content/news/spring").content.decode()
    links = [
        unescape(link)
        for link in re.findall(r'<a href="(/content/news/spring\?[^"]+)">1 person', page)
    ]
    shown = {text(client.get(link)).partition(" To ")[2].split("@")[0] for link in links}
    assert len(links) == 3 and shown >= {"ann", "ben"}


def test_what_cannot_be_proved_is_said(shop: Shop) -> None:
    client = shop.client("editor")
    for segment, says in (
        ("", "there is no segment"),
        ("gone", "there is no segment"),
        ("companies", "letters go to people"),
    ):
        answer = client.post("/prove/news/spring", {"segment": segment})
        assert answer.status_code == 400 and says in text(answer), text(answer)
    assert client.post("/prove/none", {"segment": "everybody"}).status_code == 404


def test_a_running_proof_tells_how_far_it_is_and_can_be_stopped(shop: Shop) -> None:
    template = load_templates(shop.path / "content").named("news/spring")
    about = Audienced(segment="everybody", digest="x")
    client, viewer = shop.client("editor"), shop.client("viewer")
    with records.recorded(
        template, about, as_of=0, total=9000, author="ann", clock=shop.clock
    ) as recorder:
        address = f"/proofs/{recorder.id}"
        page = client.get(address)
        assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in str(page.content)
        assert "Letters rendered 0 / 9,000" in text(page) and "Cancel" in text(page)
        part = viewer.get(f"{address}/part")
        assert 'hx-trigger="every 1s"' in str(part.content) and "HX-Refresh" not in part
        assert "Cancel" not in text(viewer.get(address))
        assert client.post(f"{address}/cancel")["Location"] == address
        shop.clock.advance(5_000)
        recorder.progress(500)
        assert recorder.cancelled()
    ended = client.get(address)
    assert b"http-equiv" not in ended.content
    late = client.post(f"{address}/cancel")
    assert late.status_code == 400 and "is not running any more" in text(late)


def test_a_test_letter_goes_to_the_seeds(shop: Shop) -> None:
    client = shop.client("editor")
    sent = client.post("/test-letter/news/spring", {"who": "ann"})
    assert sent["Location"] == "/content/news/spring?who=ann"
    assert "Sent to me@acme.example" in text(client.get("/content/news/spring?who=ann"))
    (file,) = (shop.path / "data" / "outbox").iterdir()
    assert b"To: me@acme.example" in file.read_bytes()
    refused = client.post("/test-letter/news/spring", {"who": "cem"})
    assert refused.status_code == 400 and "gets no letter: no plan" in text(refused)
    assert client.post("/test-letter/none", {"who": "ann"}).status_code == 404


def test_forms_of_other_sites_change_nothing(shop: Shop) -> None:
    client = shop.client("owner", enforce_csrf_checks=True)
    for path in (
        "/prove/news/spring",
        "/test-letter/news/spring",
        "/proofs/1/accept",
        "/proofs/1/cancel",
    ):
        assert client.post(path, {"segment": "everybody", "who": "ann"}).status_code == 403


HOSTILE = ("'\"><img src=x onerror=alert(1)>", "{{ 7 }}\0%", "x" * 5000)


def test_whatever_is_in_the_address_a_page_comes_back(shop: Shop) -> None:
    client = shop.client("editor")
    for field in ("who", "account", "segment", "language", "tab", "dark", "named"):
        for typed in HOSTILE:
            asked = {"who": "ann"} | {field: typed}
            page = client.get("/content/news/spring", asked)
            frame = client.get("/letter/news/spring", asked)
            assert page.status_code == 200 and b"<img src=x" not in page.content
            assert frame.status_code in (200, 404)
