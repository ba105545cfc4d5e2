"""Languages of letters: `de`, `pt-BR`, `zh-Hant-TW`, written the one usual way."""

import re

from babel import Locale, UnknownLocaleError

_TAG = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z]{4})?([-_]([A-Za-z]{2}|[0-9]{3}))?")


def language_tag(text: str) -> str | None:
    """`pt_br` -> `pt-BR`; None for what no locale data is known of (Unicode CLDR, by Babel)."""
    if not _TAG.fullmatch(text):
        return None
    first, *rest = text.replace("_", "-").split("-")
    parts = [first.lower(), *(p.title() if len(p) == 4 else p.upper() for p in rest)]
    try:
        Locale.parse("-".join(parts), sep="-")
    except (UnknownLocaleError, ValueError):
        return None
    return "-".join(parts)
