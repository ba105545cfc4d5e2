"""A real browser for tests: Debian's Chromium, driven by Playwright, on the demo company.

Whatever a page writes to the console as an error, refuses for its content security policy or
throws, fails the test that looked at it. `axe` finds what people with a screen reader or without
a mouse would stumble over.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

Role = Literal["viewer", "editor", "owner"]
Open = Callable[..., Page]
"""`open(role, **context)`: a page signed in as `role` (None: nobody), relative to the server."""

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser")
CLOSED: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AXE: Final = Path(__file__).parent / "clients/node_modules/axe-core/axe.min.js"
PASSWORD: Final = "three calm words"
PATIENCE: Final = 60_000
"""Milliseconds anything may take on a busy machine."""
REPLACED: Final = ("htmx:afterRequest", "htmx:sendAbort")
"""What htmx says when a newer question takes the place of one under way, as it should."""
NARROW: Final = {"width": 390, "height": 844}
WIDE: Final = {"width": 1280, "height": 900}


class Trouble(list[str]):
    """What went wrong in the browser: emptied by tests that expect it."""

    def watch(self, page: Page) -> None:
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.append(f"{page.url}: {error}"))

    def _said(self, said: ConsoleMessage) -> None:
        if said.type == "error" and not said.text.startswith(REPLACED):
            self.append(f"{said.location.get('url', '')}: {said.text}")


@contextmanager
def launched() -> Iterator[Browser]:
    """Skips the test where there is no Chromium; with CI=true it must be there."""
    if CHROMIUM is None and os.environ.get("CI") != "true":
        pytest.skip("no chromium in PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(CLOSED))
        try:
            yield browser
        finally:
            browser.close()


def context_of(browser: Browser, url: str, **options: Any) -> BrowserContext:
    """`options`: as of Playwright's new_context (viewport, color_scheme, locale, …)."""
    usual: dict[str, Any] = {
        "viewport": WIDE,
        "locale": "en-GB",
        "timezone_id": "Europe/Berlin",
        "reduced_motion": "reduce",  # colours are looked at, not the way from one to the other
    }
    context = browser.new_context(base_url=url, **{**usual, **options})
    context.set_default_timeout(PATIENCE)
    return context


def sign_in(page: Page, role: Role) -> None:
    """By the form, as people do."""
    page.goto("/login")
    page.fill("[name=email]", f"{role}@example.com")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/")


def axe(
    page: Page, *, least: Literal["serious", "minor"] = "serious", only: Sequence[str] = ()
) -> list[str]:
    """What axe-core finds on the page as it is now, one line each; empty when all is well.

    Editors are left out: the scroller of CodeMirror holds what has the focus.
    `least`: only findings that weigh at least so much; `only`: by these rules of axe.
    """
    weights = ("serious", "critical") if least == "serious" else None
    # Evaluated from outside: the page's own content security policy stays in force.
    page.evaluate(_axe())
    # Not what is in frames: those show letters, whose authors answer for them (content/lint).
    options: dict[str, Any] = {"resultTypes": ["violations"], "iframes": False}
    if only:
        options["runOnly"] = list(only)
    found = page.evaluate("options => axe.run({exclude: ['.cm-scroller']}, options)", options)
    return [
        f"{page.url} {one['impact']} {one['id']}: {one['help']} at {node['target'][0]}"
        for one in found["violations"]
        if weights is None or one["impact"] in weights
        for node in one["nodes"][:3]
    ]


@cache
def _axe() -> str:
    """Does nothing where it is already."""
    return "if (!window.axe) { " + AXE.read_text("utf-8") + " } void 0"


def scrolls_sideways(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    wider: int = page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return max(0, wider)
