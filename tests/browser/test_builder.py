"""The rule builder by mouse and keyboard: a segment is clicked together, counted, published."""

import re

from browsing import NARROW, Open, axe, scrolls_sideways
from playwright.sync_api import Page, expect


def size(page: Page) -> int:
    return int(page.inner_text("#size").replace(",", ""))


def add(page: Page, deed: str) -> None:
    page.click(f"#{deed.split(':')[1]}__add")
    page.click(f"button[value='{deed}']")


def test_a_segment_is_clicked_together_and_published(open: Open) -> None:
    page = open("editor")
    page.goto("/segments/new")
    expect(page.locator("#size")).to_be_visible()
    everyone = size(page)
    page.fill("#title", "Clicked together")

    # A field by typing part of its name, a value from those there are.
    add(page, "add:r:test")
    expect(page.locator("#r-0__field")).to_be_focused()
    page.keyboard.type("titl")
    expect(page.locator(".choices [role=option]")).to_have_text([re.compile("title")])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#r-0__value")).to_be_focused()
    page.keyboard.type("vp")
    expect(page.locator(".choices [role=option]").first).to_contain_text("VP")
    page.keyboard.press("Escape")
    page.select_option("#r-0__op", "contains")
    expect(page.locator("#text")).to_have_value('title contains "vp"')
    expect(page.locator("#sentence")).to_contain_text("title contains “vp”")
    expect(page.locator("#size")).not_to_have_text(re.compile(f"^(0|{everyone:,})$"))
    vps = size(page)
    assert 0 < vps < everyone

    # The text is edited: the rows follow, and back.
    page.fill("#text", 'title contains "VP" or did "Signed In" within last 30 days')
    expect(page.locator("#r-1__names")).to_have_value("Signed In")
    expect(page.locator("#size")).not_to_have_text(f"{vps:,}")
    page.click("button[value='remove:r-1']")
    expect(page.locator("#text")).to_have_value('title contains "VP"')
    page.click("#undo")
    expect(page.locator("#r-1__names")).to_have_value("Signed In")
    page.click("button[value='remove:r-1']")
    expect(page.locator("#size")).to_have_text(f"{vps:,}")
    expect(page.locator(".htmx-request")).to_have_count(0)  # what is being fetched is paler
    assert axe(page) == []

    page.click("button[value=save]")
    expect(page.locator("h1")).to_have_text("Clicked together: version 1")
    assert axe(page) == []
    page.get_by_role("button", name=f"Publish: {vps} enter, 0 leave").click()
    expect(page.get_by_role("status")).to_contain_text("in force as version 1")


def test_a_mistake_is_told_where_it_is(open: Open) -> None:
    page = open("editor", viewport=NARROW)
    page.goto("/segments/new")
    page.fill("#text", 'titel contains "VP" and score > 5')
    expect(page.locator("#r-0__told")).to_contain_text("did you mean title")
    expect(page.locator("#says")).to_contain_text("line 1, column 1")
    page.fill("#text", "score > 5 and (")
    expect(page.locator("#says")).to_contain_text("line 1, column 16")
    assert scrolls_sideways(page) == 0
