"""The addresses of this area."""

from typing import Final

from lettershop.web.pages.roles import page
from lettershop.web.pages.sources import keys, live

PAGES: Final = [
    page("live", live.show, "viewer"),
    page("live/part", live.fragment, "viewer"),
    page("sources", keys.show, "viewer"),
    page("sources/add", keys.add, "editor", "POST"),
    page("sources/<slug:name>/key", keys.new_key, "owner", "POST"),
    page("sources/<slug:name>/revoke", keys.revoke, "owner", "POST"),
]
