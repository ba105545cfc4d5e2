"""The frame, in a real browser."""

from browsing import NARROW, Open, axe, scrolls_sideways
from playwright.sync_api import Page, expect


def test_today_is_there(page: Page) -> None:
    page.goto("/")
    expect(page.locator("h1")).to_have_count(1)
    assert axe(page) == []


def test_it_fits_on_a_phone(open: Open) -> None:
    page = open("viewer", viewport=NARROW)
    page.goto("/")
    assert scrolls_sideways(page) == 0
