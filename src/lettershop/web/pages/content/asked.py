"""What a preview shows, as its address says it: so that every view of a letter is a link."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from lettershop.web.pages.content.texts import said

TABS: Final = ("html", "text", "source", "values", "findings")
LONGEST: Final = 300


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """`who`: user id, address, identity, or words to search by; "" for somebody the proof names.
    `account`, `segment`, `language`: "" for what the letter itself would choose. `dark`, `narrow`:
    "1" or "". `named`: a class of the newest proof."""

    who: str = ""
    account: str = ""
    segment: str = ""
    language: str = ""
    tab: str = TABS[0]
    dark: str = ""
    narrow: str = ""
    named: str = ""

    def but(self, **changed: str) -> "Asked":
        return msgspec.structs.replace(self, **changed)

    @property
    def query(self) -> str:
        """For an address: only what is not as usual."""
        usual = msgspec.structs.asdict(Asked())
        mine = msgspec.structs.asdict(self)
        return urlencode({key: mine[key] for key in mine if mine[key] != usual[key]})


def asked_of(form: Mapping[str, Any]) -> Asked:
    """From a query or a form; what is not understood is as usual."""
    texts = {name: said(form, name, LONGEST) for name in Asked.__struct_fields__}
    texts["tab"] = texts["tab"] if texts["tab"] in TABS else TABS[0]
    for switch in ("dark", "narrow"):
        texts[switch] = "1" if texts[switch] == "1" else ""
    return Asked(**texts)


def address(prefix: str, name: str, asked: Asked) -> str:
    """`/content/spring/offer?who=…`."""
    query = asked.query
    return f"/{prefix}/{quote(name)}" + (f"?{query}" if query else "")
