"""What came with a request, tamed; and words for states."""

from collections.abc import Mapping
from typing import Final

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LONGEST: Final = 200

IMPORT_STATES: Final[Mapping[str, Promise]] = {
    "waiting": _("waiting"),
    "running": _("under way"),
    "done": _("done"),
    "failed": _("failed"),
    "interrupted": _("ended early"),
}
PHASES: Final[Mapping[str, Promise]] = {
    "reading": _("Reading the file"),
    "loading": _("Loading"),
    "saving": _("Saving"),
}
FEED_STATES: Final[Mapping[str, Promise]] = {
    "regular": _("regular"),
    "silent": _("silent"),
    "never_seen": _("never seen"),
    "no_rhythm": _("no rhythm yet"),
}
KINDS: Final[Mapping[str, Promise]] = {
    "website": _("website"),
    "server": _("server"),
    "import": _("import"),
    "api": _("API"),
}
OUTCOMES: Final[Mapping[str, Promise]] = {
    "loaded": _("loaded"),
    "duplicate": _("duplicate"),
    "refused": _("refused"),
}
COLOURS: Final = {
    "waiting": "blue",
    "running": "blue",
    "done": "green",
    "failed": "red",
    "interrupted": "yellow",
    "regular": "green",
    "silent": "red",
    "never_seen": "yellow",
    "no_rhythm": "secondary",
}


def asked(request: HttpRequest, name: str) -> str:
    """A text of the query, without what no text has."""
    return request.GET.get(name, "").replace("\0", "")[:LONGEST].strip()


def number_asked(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
