"""Icons: Tabler's outline set, drawn into the page. Those listed in `web/icons.txt` are there."""

import re
from collections.abc import Mapping
from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from lettershop.web.pages.assets import WEB

_INSIDE: Final = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


def _read() -> dict[str, SafeString]:
    found = {}
    for path in (WEB / "vendor" / "icons").glob("*.svg"):
        inside = _INSIDE.search(path.read_text("utf-8"))
        if inside is not None:
            lines = (line.strip() for line in inside[1].splitlines())
            found[path.stem] = mark_safe("".join(lines))  # noqa: S308  (files of ours)
    return found


ICONS: Final[Mapping[str, SafeString]] = _read()


def icon(name: str, says: str = "") -> SafeString:
    """An icon that is decoration, or with `says` a picture that is read aloud."""
    known = ICONS.get(name, SafeString(""))
    label = format_html('role="img" aria-label="{}"', says) if says else 'aria-hidden="true"'
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" width="24" height="24" fill="none" '
        'stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" '
        "{}>{}</svg>",
        mark_safe(label),  # noqa: S308  (escaped above)
        known,
    )
