"""What all pages share: the frame, how a viewer reads, what is told, icons and charts."""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.test import Client
from django.utils import timezone, translation
from opened_shop import Shop

from lettershop.access.models import User
from lettershop.web.pages.charts import drawn, spark
from lettershop.web.pages.icons import ICONS, icon
from lettershop.web.pages.menu import MENU, shown
from lettershop.web.pages.words import ago, moment, number, percent, signed

AT = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)


def body(response: Any) -> str:
    return response.content.decode()


def chosen(shop: Shop, **wishes: str) -> Client:
    client = shop.client("viewer")
    User.objects.filter(email="viewer@example.com").update(**wishes)
    return client


def test_the_menu_leads_to_pages_that_are_there(shop: Shop) -> None:
    client = shop.client("owner")
    for entry in shown():
        page = client.get(entry.address)
        assert page.status_code == 200, entry.address
        marked = re.findall(r'<a href="([^"]+)" aria-current="page">', body(page))
        assert entry.address in marked
        assert body(page).count("<h1") == 1


def test_every_icon_that_is_named_is_there(shop: Shop) -> None:
    assert len(ICONS) > 50 and all(entry.icon in ICONS for entry in MENU)
    assert 'aria-hidden="true"' in icon("mail")
    assert 'aria-label="a &quot;letter&quot;"' in icon("mail", 'a "letter"')


@pytest.mark.parametrize(
    ("asked", "wishes", "language"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", {}, "de"),
        ("fr;q=0.9", {}, "en"),
        ("de", {"language": "en"}, "en"),
        ("en", {"language": "de"}, "de"),
        ("en", {"language": "tlh"}, "en"),
    ],
)
def test_pages_speak_the_viewers_language(
    shop: Shop, asked: str, wishes: dict[str, str], language: str
) -> None:
    page = chosen(shop, **wishes).get("/", headers={"Accept-Language": asked})
    assert page["Content-Language"] == language
    assert f'<html lang="{language}"' in body(page)
    assert ("Segmente" in body(page)) == (language == "de")
    assert translation.get_language() == "en"  # the next request of this thread begins anew


@pytest.mark.parametrize(
    ("cookie", "wish", "zone"),
    [
        ("", "", "UTC"),
        ("Asia/Jakarta", "", "Asia/Jakarta"),
        ("Asia/Jakarta", "Europe/Berlin", "Europe/Berlin"),
        ("../../etc/passwd", "Nowhere/Land", "UTC"),
    ],
)
def test_times_are_in_the_viewers_zone(shop: Shop, cookie: str, wish: str, zone: str) -> None:
    client = chosen(shop, zone=wish)
    client.cookies["zone"] = cookie
    seen: list[str] = []
    render = Template("{{ at|moment }}").render

    def look(*_: object, **__: object) -> None:
        seen.append(render(Context({"at": AT})))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lettershop.web.pages.context.told", lambda _: look() or [])
        client.get("/account")
    with timezone.override(ZoneInfo(zone)):
        assert seen == [moment(AT)]


@pytest.mark.parametrize(("theme", "fixed"), [("", False), ("dark", True), ("light", True)])
def test_colours_are_the_viewers(shop: Shop, theme: str, fixed: bool) -> None:
    page = body(chosen(shop, theme=theme).get("/"))
    assert (f'data-bs-theme="{theme}"' in page) == fixed


def test_numbers_and_times_are_written_as_their_reader_writes_them() -> None:
    with translation.override("de"), timezone.override(ZoneInfo("Europe/Berlin")):
        assert number(1234567.5) == "1.234.567,5"
        assert percent(0.1234) == "12,3\xa0%"
        assert moment(AT) == "3. März 2026, 00:30 MEZ"
    with translation.override("en"), timezone.override(UTC):
        assert number(1234567) == "1,234,567" and number(None) == "–"
        assert percent(0.1234) == "12.3%" and percent(1.0, 0) == "100%"
        assert [signed(n) for n in (3, -1200, 0, None)] == ["+3", "−1,200", "±0", "–"]
        assert moment(AT) == "2 Mar 2026, 23:30 UTC" and moment(None) == "never"
        assert ">just now</time>" in ago(timezone.now())
        assert ">3 hours ago</time>" in ago(timezone.now() - timezone.timedelta(hours=3))


def test_charts_are_pictures_without_scripts_that_say_what_they_show() -> None:
    values = [{"day": f"2026-03-{n:02}", "size": n * n, "<b>": "</svg><script>"} for n in (1, 2, 3)]
    spec = {
        "data": {"values": values},
        "mark": "line",
        "encoding": {
            "x": {"field": "day", "type": "temporal", "title": "</text><script>alert(1)</script>"},
            "y": {"field": "size", "type": "quantitative"},
        },
    }
    picture = drawn(spec, 'Sizes of "all"')
    assert 'aria-label="Sizes of &quot;all&quot;"' in picture and "<svg" in picture
    assert "<script" not in picture and " style=" not in picture and " on" not in picture
    assert "currentColor" in picture
    with translation.override("de"):
        assert "März" in drawn(spec, "") or "Mär" in drawn(spec, "")


def test_sparklines_need_two_values() -> None:
    assert spark([5]) == "" and spark([]) == ""
    assert 'points="0.0,22.0 50.0,12.0 100.0,2.0"' in spark([1, 2, 3])
    assert 'points="0.0,22.0 100.0,22.0"' in spark([4, 4])
