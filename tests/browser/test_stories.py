"""From one end to the other, by clicking: written, proved, sent, received, followed, left."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from browser.conftest import copied
from browsing import Open
from playwright.sync_api import Page, expect
from serving import Up

PATIENCE: Final = 240_000
"""Milliseconds that anything a server does in the background may take on a busy machine."""
NAME: Final = "routes-by-hand"


@pytest.fixture
def own(company: Path, tmp_path: Path) -> Iterator[Up]:
    """The demo company for one story alone: what is sent here is nobody else's to count."""
    with Up(copied(company, tmp_path)) as up:
        yield up


def test_a_campaign_from_the_first_word_to_a_click_and_a_goodbye(own: Up, open: Open) -> None:
    page = open("owner", own.url)
    prove(page)
    compose(page, NAME)
    check_and_approve(page, NAME)
    expect(page.locator("#state")).to_contain_text("Every letter has an outcome", timeout=PATIENCE)

    reader, letter = received(page)
    follow_a_link(page, letter)
    unsubscribe(page, letter)

    page.goto(f"/contacts?q={reader}")
    page.locator("main table a").first.click()
    see(page, "Unsubscribed")
    see(page, "Email Link Clicked")  # hits are graded by what follows them: it takes a while

    theirs, everybodys = letters_to(page, reader), letters_to(page, "")
    compose(page, f"{NAME}-again")
    check_and_approve(page, f"{NAME}-again")
    expect(page.locator("#state")).to_contain_text("Every letter has an outcome", timeout=PATIENCE)
    assert letters_to(page, reader) == theirs
    assert letters_to(page, "") > everybodys


def prove(page: Page) -> None:
    """Everybody's letter, rendered for real before anybody thinks of sending it."""
    page.goto("/content/destination-offers?segment=commuters")
    page.locator("form[action^='/prove/'] select[name=segment]").select_option("commuters")
    page.locator("form[action^='/prove/'] button").click()
    page.wait_for_url(re.compile(r"/proofs/\d+$"))
    expect(page.locator("[hx-get$='/part']")).to_have_count(0, timeout=PATIENCE)
    page.reload()
    expect(page.locator(".heading .badge")).to_have_text("done")


def compose(page: Page, name: str) -> None:
    page.goto("/campaigns")
    page.get_by_role("link", name="New campaign").first.click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Title").fill("By hand")
    page.get_by_label("include commuters").check()
    page.locator("#purpose").select_option("newsletter")
    page.locator("#content").select_option("destination-offers")
    page.get_by_role("button", name="Keep as a draft").click()
    page.wait_for_url(f"**/campaigns/{name}")


def check_and_approve(page: Page, name: str) -> None:
    """Preflight minds that some got another letter lately: here that is meant."""
    page.get_by_role("button", name="Check", exact=True).click()
    approve = page.get_by_role("link", name="Approve …")
    accept = page.get_by_role("button", name="Accept it")
    for _ in range(120):
        page.wait_for_timeout(1_000)
        page.reload()
        if approve.count():
            break
        if accept.count():
            page.locator("input[name=reason]").first.fill("this is only a test")
            accept.first.click()
    approve.click()
    page.get_by_role("button", name="Approve it").click()
    page.wait_for_url(f"**/campaigns/{name}")


def received(page: Page) -> tuple[str, str]:
    """The address of the newest letter's reader, and where the letter is."""
    page.get_by_role("link", name="Mailbox").click()
    row = page.locator("#received tbody tr").first
    reader = row.locator("td").nth(1).inner_text().strip()
    row.get_by_role("link").click()
    page.wait_for_url(re.compile(r"/mailbox/\d+$"))
    return reader, page.url


def follow_a_link(page: Page, letter: str) -> None:
    """It leads out of its frame into a new window, to the shop, which is not there in a test."""
    page.goto(letter)
    page.wait_for_timeout(4_000)  # whoever clicks sooner is taken for a machine
    link = page.frame_locator("iframe").locator("a[href*='/c/']").first
    address = link.get_attribute("href")
    assert address is not None
    answer = page.request.get(address, max_redirects=0, headers={"User-Agent": "Mozilla/5.0"})
    assert answer.status == 302 and "/c/" not in answer.headers["location"]


def unsubscribe(page: Page, letter: str) -> None:
    """As the reader: the link of the letter, and the one button there."""
    page.goto(letter)
    link = page.frame_locator("iframe").locator("a[href*='/u/']").first
    address = link.get_attribute("href")
    assert address is not None
    page.goto(address)
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("status")).to_contain_text("Done")


def see(page: Page, words: str) -> None:
    """On this page, sooner or later."""
    for _ in range(30):
        if page.get_by_text(words).count():
            return
        page.wait_for_timeout(3_000)
        page.reload()
    raise AssertionError(f"{page.url} does not say “{words}”")


def letters_to(page: Page, reader: str) -> int:
    """In the mailbox, of fifty at most."""
    page.goto(f"/mailbox?q={reader}")
    return page.locator("#received tbody tr").count()
