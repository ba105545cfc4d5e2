"""Charts: a Vega-Lite description in, an SVG for the page out. Drawn here, so no script is needed
to see them; ink is `currentColor`, so that they fit light and dark.

The first drawing of a process starts a JavaScript engine (half a second, `warm`), later ones take
some 50 ms and are kept by their description.
"""

import threading
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Literal

import msgspec
import vl_convert
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

KEPT: Final = 256
COLOURS: Final = ("#206bc4", "#d6336c", "#2fb344", "#f76707", "#ae3ec9", "#0ca678", "#667382")
"""Tabler's blue, pink, green, orange, purple, teal and grey: legible on light and dark."""
_INK: Final = "currentColor"
_CONFIG: Final = {
    "font": "inherit",
    "background": None,
    "view": {"stroke": None},
    "axis": {
        "labelColor": _INK,
        "titleColor": _INK,
        "gridColor": _INK,
        "domainColor": _INK,
        "tickColor": _INK,
        "gridOpacity": 0.12,
        "domainOpacity": 0.3,
        "tickOpacity": 0.3,
        "labelFontSize": 11,
        "titleFontWeight": "normal",
    },
    "legend": {"labelColor": _INK, "titleColor": _INK},
    "title": {"color": _INK},
    "text": {"color": _INK},
    "range": {"category": list(COLOURS)},
}
_VERSION: Final = "6.4"
_Drawn = Literal["en-US", "de-DE"]
_LOCALES: Final[Mapping[str, _Drawn]] = {"de": "de-DE"}
"""What d3 calls the languages whose numbers and dates are not written as in English."""


def drawn(spec: Mapping[str, Any], says: str) -> SafeString:
    """The chart of a Vega-Lite description (with its data inside), as wide as its place allows.
    `says` is what it shows, for those who do not see it."""
    whole = msgspec.json.encode({"config": _CONFIG, **spec}, enc_hook=str)
    picture = _picture(whole, _LOCALES.get(get_language() or "", "en-US"))
    return format_html('<div class="chart" role="img" aria-label="{}">{}</div>', says, picture)


@lru_cache(KEPT)
def _picture(spec: bytes, locale: _Drawn) -> SafeString:
    svg = vl_convert.vegalite_to_svg(
        spec.decode(),
        vl_version=_VERSION,
        allowed_base_urls=[],
        format_locale=locale,
        time_format_locale=locale,
    )
    return mark_safe(svg)  # noqa: S308  (Vega escapes all text)


def warm() -> None:
    """Start the engine behind the pictures beside what else is starting."""
    spec = {"data": {"values": [{"a": 1}]}, "mark": "point"}
    threading.Thread(target=drawn, args=(spec, ""), name="charts", daemon=True).start()


def spark(values: Sequence[float], says: str = "") -> SafeString:
    """A sparkline: a hundred of them cost next to nothing, unlike charts. Nothing for one value."""
    if len(values) < 2:
        return SafeString("")
    low, high = min(values), max(values)
    size = (high - low) or 1.0
    step = 100 / (len(values) - 1)
    points = " ".join(
        f"{n * step:.1f},{22 - 20 * (value - low) / size:.1f}" for n, value in enumerate(values)
    )
    return format_html(
        '<svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" role="img" '
        'aria-label="{}"><polyline points="{}" fill="none" stroke="currentColor" '
        'stroke-width="1.5" vector-effect="non-scaling-stroke"/></svg>',
        says,
        points,
    )
