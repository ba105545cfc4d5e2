"""What was pasted, dictated or mistyped around an address, where only one reading is left."""

import re
from collections.abc import Callable
from typing import Final

_NAMED: Final = re.compile(r"[^<>]*<([^<>]+)>[\s;,.]*")
_AT: Final = re.compile(r"\s*[(\[{]\s*(?:at|ät)\s*[)\]}]\s*|\s+at\s+|@\s*@+", re.IGNORECASE)
_DOT: Final = re.compile(r"\s*[(\[{]\s*(?:dot|punkt)\s*[)\]}]\s*|\s+dot\s+", re.IGNORECASE)
_AROUND: Final = re.compile(r"\s*([@.])\s*")


def repaired(text: str, dotted: Callable[[str], str | None]) -> str | None:
    """The address that was probably meant by a text that is none; None when it is anybody's guess.

    `dotted`: the domain that was written without its dot. What comes out need not be valid.
    """
    found = re.sub(r"^\s*mailto:", "", text.strip(), flags=re.IGNORECASE)
    if named := _NAMED.fullmatch(found):
        found = named[1]
    found = found.strip(" \t\r\n\"'<>()[];:,.")
    found = _DOT.sub(".", _AT.sub("@", found))
    found = _AROUND.sub(r"\1", found)
    local, at, domain = found.rpartition("@")
    if not at or "@" in local:
        return None
    domain = re.sub(r"[.,;]+", ".", domain).strip(".").lower()
    local = re.sub(r"\.{2,}", ".", local).strip(".")
    if "." not in domain:
        domain = dotted(domain) or domain
    made = f"{local}@{domain}"
    return None if made == text else made
