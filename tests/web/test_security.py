"""Headers, cookies, forged forms, foreign hosts, and answers that tell nothing."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from opened_shop import PASSWORD, Shop, open_shop

from lettershop import web
from lettershop.access.models import Source
from lettershop.app import Workspace
from lettershop.web.pages.sources import live

HTML = Path(web.__file__).parent / "templates"
STATIC = HTML.parent / "static"


@pytest.fixture
def public(tmp_path: Path, empty_records: Path) -> Iterator[Shop]:
    """The shop behind a proxy that speaks HTTPS."""
    folder = Workspace.init(tmp_path / "public")
    with (folder / "lettershop.toml").open("a") as file:
        file.write('public_url = "https://letters.example.com"\n')
    with open_shop(folder, empty_records) as opened:
        yield opened


EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.mark.parametrize(
    "path", ["/", "/login", "/nothing", "/settings/people", "/static/live.js", "/api/v1/me"]
)
def test_every_answer_carries_the_headers(shop: Shop, path: str) -> None:
    answer = shop.client("viewer").get(path)
    assert {name: answer[name] for name in EVERYWHERE} == EVERYWHERE
    policy = dict(
        part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert "Strict-Transport-Security" not in answer
    if not path.startswith("/static"):
        assert answer["Cache-Control"] == "no-store"


def test_on_https_cookies_are_secure_and_browsers_stay_there(public: Shop) -> None:
    public.user("owner")
    client = Client(SERVER_NAME="letters.example.com")
    login = {"email": "owner@example.com", "password": PASSWORD}
    answer = client.post("/login", login)
    assert answer["Strict-Transport-Security"] == "max-age=31536000"
    for name in ("sessionid", "csrftoken"):
        assert client.cookies[name]["secure"] and client.cookies[name]["samesite"] == "Lax"
    assert client.cookies["sessionid"]["httponly"]


def test_signing_in_changes_the_session(shop: Shop) -> None:
    shop.user("owner")
    client = shop.client()
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    planted = session.session_key
    client.post("/login", {"email": "owner@example.com", "password": PASSWORD})
    assert client.session.session_key != planted


def token_on(client: Client) -> str:
    page = client.get("/sources").content.decode()
    found = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)
    assert found is not None
    return found[1]


def test_forms_need_their_token(shop: Shop) -> None:
    client = shop.client("owner", enforce_csrf_checks=True)
    form = {"name": "www", "kind": "website"}
    refused = client.post("/sources/add", form)
    assert refused.status_code == 403 and b"This form cannot be used" in refused.content
    form["csrfmiddlewaretoken"] = token_on(client)
    assert client.post("/sources/add", form).status_code == 200
    login = {"email": "owner@example.com", "password": PASSWORD}
    assert shop.client(enforce_csrf_checks=True).post("/login", login).status_code == 403


def test_forms_of_other_sites_are_refused(public: Shop) -> None:
    client = Client(SERVER_NAME="letters.example.com", enforce_csrf_checks=True)
    client.force_login(public.user("owner"))
    form = {"name": "www", "kind": "website", "csrfmiddlewaretoken": token_on(client)}
    foreign = client.post("/sources/add", form, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403 and not Source.objects.exists()
    own = client.post("/sources/add", form, headers={"Origin": "https://letters.example.com"})
    assert own.status_code == 200


def test_every_form_that_posts_has_a_token() -> None:
    """Those for recipients have that of their letter, in the address (web/public/leaving.py)."""
    for page in HTML.rglob("*.html"):
        for form in re.findall(r"<form\b.*?</form>", page.read_text("utf-8"), re.S):
            if page.parent.name == "public":
                assert re.match(r'<form method="post" action="/u/{{ token }}[/"]', form), page.name
                continue
            assert ('method="post"' in form) == ("{% csrf_token %}" in form), page.name
            assert 'method="post"' in form or 'method="get"' in form


def test_only_our_own_hosts_are_answered(shop: Shop) -> None:
    assert "*" not in django_settings.ALLOWED_HOSTS
    refused = Client(SERVER_NAME="evil.example").get("/login")
    assert refused.status_code == 400 and b"evil" not in refused.content


def test_the_public_host_is_ours(public: Shop) -> None:
    assert Client(SERVER_NAME="letters.example.com").get("/login").status_code == 200


def test_what_breaks_tells_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_(*_: object) -> None:
        raise RuntimeError("the secret is 42")

    client = shop.client("viewer", raise_request_exception=False)
    monkeypatch.setattr(live, "chart_of", break_)
    answer = client.get("/live")
    assert answer.status_code == 500 and b"That went wrong" in answer.content
    for word in (b"secret", b"RuntimeError", b"Traceback", b"live.py"):
        assert word not in answer.content
    assert answer["X-Frame-Options"] == "DENY"


def test_without_records_there_is_still_a_page_that_says_so(shop: Shop) -> None:
    client = shop.client("viewer", raise_request_exception=False)
    connection.close()
    there = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = str(shop.path)
    try:
        answer = client.get("/")
    finally:
        connection.close()
        connection.settings_dict["NAME"] = there
    assert answer.status_code == 500 and b"That went wrong" in answer.content
    assert client.get("/").status_code == 200


def test_pages_have_no_inline_script_style_or_foreign_asset() -> None:
    """The policy would block them; nobody should find out by looking."""
    for page in HTML.rglob("*.html"):
        text = re.sub(r"{%.*?%}", "", page.read_text("utf-8"))
        assert (
            re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", text) == []
        )
        assert re.findall(r'(?:src|href|action)="(?:https?:)?//[^"]*"', text) == []
    for asset in STATIC.iterdir():
        assert (
            re.findall(r"https?://(?!www\.w3\.org/)|eval\(|@import", asset.read_text("utf-8")) == []
        )


def test_every_field_has_a_label() -> None:
    for page in HTML.rglob("*.html"):
        text = re.sub(r"<label\b.*?</label>", "", page.read_text("utf-8"), flags=re.S)
        bare = re.findall(r"<(?:input(?![^>]*type=\"hidden\")|select|textarea)[^>]*>", text)
        bare = [field for field in bare if " hidden " not in field]
        named = set(re.findall(r'<label\b[^>]*\bfor="([^"]+)"', page.read_text("utf-8")))
        for field in bare:
            own = re.search(r'\bid="([^"]+)"', field)
            assert "aria-label" in field or (own and own[1] in named), (page.name, field)


def luminance(colour: str) -> float:
    long = colour if len(colour) == 7 else "#" + "".join(c * 2 for c in colour[1:])
    parts = [int(long[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_text_can_be_read_on_every_ground_light_and_dark() -> None:
    style = (STATIC / "public.css").read_text("utf-8")
    light, dark = re.findall(r":root \{(.*?)\}", style, re.S)
    for scheme in (light, dark):
        colour = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", scheme))
        grounds = ("paper", "card", "good-wash")
        faint = [
            (ink, ground, round(contrast(colour[ink], colour[ground]), 2))
            for ink in ("ink", "soft", "accent")
            for ground in grounds
            if contrast(colour[ink], colour[ground]) < 4.5
        ]
        assert faint == []
        assert contrast(colour["accent-ink"], colour["accent"]) >= 4.5
        assert contrast(colour["field"], colour["card"]) >= 3


def test_assets_are_named_by_their_content_and_kept_by_browsers(shop: Shop) -> None:
    client = shop.client()
    page = client.get("/login").content.decode()
    for name, kind in (("frame.css", "text/css"), ("icon.svg", "image/svg+xml")):
        found = re.search(rf'"(/static/{re.escape(name)}\?v=\w{{12}})"', page)
        assert found is not None
        first = client.get(found[1])
        assert first.content == (STATIC / name).read_bytes()
        assert first["Content-Type"].startswith(kind) and "immutable" in first["Cache-Control"]
        again = client.get(found[1], headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert client.get(f"/static/{name}?v=older")["Cache-Control"] == "no-cache"
