"""`make screenshots`: every page of the demo company and of an empty workspace, in screenshots/.

Wide, narrow, dark, in German, and empty; `screenshots/index.html` shows them side by side. With
`--docs` only those few that README and docs show, small, in docs/pictures/ (DOCS below).
"""

import argparse
import shutil
import sys
import tempfile
from base64 import b64decode
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, Final, NamedTuple

from playwright.sync_api import Browser, Page

ROOT: Final = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from browser.conftest import add_people, lettershop  # noqa: E402
from browser.crawl import BY_HAND, Found, crawl  # noqa: E402
from browsing import NARROW, WIDE, context_of, launched, sign_in  # noqa: E402
from serving import Up  # noqa: E402

from lettershop.app import Workspace  # noqa: E402

OUT: Final = ROOT / "screenshots"
PICTURES: Final = ROOT / "docs" / "pictures"
MODES: Final[Mapping[str, Mapping[str, Any]]] = {
    "wide": {"viewport": WIDE},
    "dark": {"viewport": WIDE, "color_scheme": "dark"},
    "narrow": {"viewport": NARROW},
    "german": {"viewport": WIDE, "locale": "de-DE"},
}
EMPTY: Final = "empty"
SETTLED: Final = 400
"""Milliseconds for what a page fetches by itself."""
TALLEST: Final = 3_000
"""Pixels of a page that are shown."""
LARGEST: Final = 60_000
"""Bytes of a picture in the docs."""
QUALITY: Final = 82


class Picture(NamedTuple):
    """`route`: the view; `height`: how much of its page, in pixels; `dark`: in these colours."""

    route: str
    height: int = 700
    dark: bool = False


DOCS: Final[Mapping[str, Picture]] = {
    "today": Picture("todays_page"),
    "builder": Picture("edit_segment", 780),
    "campaign": Picture("campaign_results"),
    "contact": Picture("contact_page"),
    "mailbox": Picture("received_mail", 640),
    "deliverability": Picture("deliverability", dark=True),
}
"""Those the docs show, by file name: at most eight."""
DOCS_WIDE: Final = 1100


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--docs", action="store_true", help="only those of the docs")
    reader.add_argument("--contacts", type=int, default=2_000, help="size of the demo company")
    reader.add_argument("--only", default="", help="routes whose name begins so")
    asked = reader.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # Before the browser: while Playwright runs, Django refuses to ask its database.
        shop, blank = demo(Path(folder), asked.contacts), empty(Path(folder))
        with launched() as browser:
            with Up(shop) as up:
                found = pages(crawl(up.url, BY_HAND), asked.only)
                if asked.docs:
                    draw_docs(browser, up.url, found)
                    return
                shutil.rmtree(OUT, ignore_errors=True)
                for mode, options in MODES.items():
                    draw(browser, up.url, found, mode, options)
            with Up(blank) as up:
                found = pages(crawl(up.url, {}), asked.only)
                draw(browser, up.url, found, EMPTY, MODES["wide"])
    write_index()
    say(f"{OUT / 'index.html'} shows them all")


def demo(folder: Path, contacts: int) -> Path:
    say("making the demo company")
    shop = folder / "demo"
    lettershop("demo", str(shop), "--contacts", str(contacts), "--no-serve", "--port", "0")
    add_people(shop)
    return shop


def empty(folder: Path) -> Path:
    shop = Workspace.init(folder / "empty")
    add_people(shop)
    return shop


def pages(found: Mapping[str, Sequence[Found]], only: str) -> list[Found]:
    """The first of each route that is a whole page."""
    firsts = (
        next((o for o in some if o.page and o.status == 200), None) for some in found.values()
    )
    return [one for one in firsts if one is not None and one.route.startswith(only)]


def draw(
    browser: Browser, url: str, found: Sequence[Found], mode: str, options: Mapping[str, Any]
) -> None:
    context = context_of(browser, url, **options)
    page = context.new_page()
    sign_in(page, "owner")
    for place, one in enumerate(found, 1):
        say(f"{mode}: {place} of {len(found)}", end="\r")
        path = OUT / one.area / f"{one.route}-{mode}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        shown(page, one.address)
        page.screenshot(path=path, **clip(page))
    say(f"{mode}: {len(found)} pages")
    context.close()


def draw_docs(browser: Browser, url: str, found: Sequence[Found]) -> None:
    by_route = {one.route: one for one in found}
    PICTURES.mkdir(exist_ok=True)
    for name, picture in DOCS.items():
        if (one := by_route.get(picture.route)) is None:
            say(f"{name}: there is no page {picture.route}")
            continue
        size = {"width": DOCS_WIDE, "height": picture.height}
        scheme = "dark" if picture.dark else "light"
        context = context_of(browser, url, viewport=size, color_scheme=scheme)
        page = context.new_page()
        sign_in(page, "owner")
        shown(page, one.address)
        # WebP, of which Playwright does not know: a third of the same as PNG.
        asked = {"format": "webp", "quality": QUALITY}
        taken = context.new_cdp_session(page).send("Page.captureScreenshot", asked)
        picture_bytes = b64decode(taken["data"])
        (PICTURES / f"{name}.webp").write_bytes(picture_bytes)
        too_large = " (too large)" if len(picture_bytes) > LARGEST else ""
        say(f"{name}.webp: {len(picture_bytes):,} bytes{too_large}")
        context.close()


def shown(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_timeout(SETTLED)


def clip(page: Page) -> dict[str, Any]:
    """All of the page, as far as anybody would look."""
    wide, tall = page.evaluate("() => [innerWidth, document.documentElement.scrollHeight]")
    return {
        "full_page": True,
        "clip": {"x": 0, "y": 0, "width": wide, "height": min(tall, TALLEST)},
    }


def write_index() -> None:
    """A row per page, a column per mode."""
    modes = (*MODES, EMPTY)
    names = sorted({p.relative_to(OUT).as_posix().rpartition("-")[0] for p in OUT.rglob("*.png")})
    rows = "".join(f"<tr><th>{escape(name)}</th>{_cells(name, modes)}</tr>\n" for name in names)
    heads = "".join(f"<th>{mode}</th>" for mode in modes)
    (OUT / "index.html").write_text(
        "<!doctype html><meta charset=utf-8><title>Lettershop, page by page</title>"
        "<style>body{font:14px sans-serif}td{vertical-align:top}"
        "img{width:18rem;border:1px solid #ccc}</style>"
        f"<table><tr><th></th>{heads}</tr>\n{rows}</table>\n",
        "utf-8",
    )


def _cells(name: str, modes: Sequence[str]) -> str:
    cells = ""
    for mode in modes:
        file = f"{name}-{mode}.png"
        there = (OUT / file).exists()
        picture = f'<a href="{file}"><img src="{file}" loading="lazy" alt="{file}"></a>'
        cells += f"<td>{picture if there else ''}</td>"
    return cells


def say(text: str, end: str = "\n") -> None:
    sys.stderr.write(text + end)


if __name__ == "__main__":
    main()
