"""Per recipient: marked links get their token, the pixel is put in, addresses to leave are made.

The text part keeps its plain links: there the reader sees the address itself, and a long one full
of signs is read as a trick; what is clicked there is not counted.
"""

import re
from html import unescape
from typing import Final
from urllib.parse import quote

import msgspec

from lettershop.delivery.tracking.tokens import Tokens, read_varint, varint

_MARKED: Final = re.compile(
    r"""data-ls="(?P<number>\d+)" (?P<href>href\s*=\s*)(?P<sign>["'])(?P<to>.*?)(?P=sign)""",
    re.IGNORECASE | re.DOTALL,
)
_SAFE: Final = "/:?=@!$,;~*"
"""What may stand in the value of a query as it is (RFC 3986 3.4) and needs no escape in HTML."""
_DROPPED: Final = str.maketrans("", "", "\t\r\n")
"""As browsers do with them in addresses (URL standard, 4.4)."""
_WEB: Final = re.compile(r"https?://[^/?#\s]", re.IGNORECASE)
LONGEST: Final = 4_000
"""Characters of a target; a longer one is left as it is."""


class Link(msgspec.Struct, frozen=True):
    """What the token of a link says."""

    row: int
    send: int
    number: int


class Addresses:
    """The addresses in one workspace's letters. `base`: https://letters.example.com."""

    def __init__(self, tokens: Tokens, base: str) -> None:
        self._tokens, self._base = tokens, base.rstrip("/")

    def follow(self, html: str, row: int, send: int) -> str:
        """The HTML with its marked links leading over us, and without marks. Our own pages, and
        whatever turned out not to be a web address, are left as they are."""
        if "data-ls=" not in html:
            return html

        def led(found: re.Match[str]) -> str:
            plain = f"{found['href']}{found['sign']}"
            target = unescape(found["to"]).translate(_DROPPED).strip()
            ours = target == self._base or target.startswith(self._base + "/")
            if ours or len(target) > LONGEST or _WEB.match(target) is None:
                return f"{plain}{found['to']}{found['sign']}"
            return f"{plain}{self.link(row, send, int(found['number']), target)}{found['sign']}"

        return _MARKED.sub(led, html)

    def link(self, row: int, send: int, number: int, target: str) -> str:
        """The target is signed with the rest: this is no open redirect (CWE-601)."""
        bound = target.encode("utf-8", "surrogatepass")
        token = self._tokens.sign("click", row, varint(send) + varint(number), bound)
        return f"{self._base}/c/{token}?u={quote(bound, safe=_SAFE)}"

    def with_pixel(self, html: str, row: int, send: int) -> str:
        """With a picture of one pixel at the end of the body. Only where the stream wants it."""
        address = f"{self._base}/o/{self._tokens.sign('open', row, varint(send))}.gif"
        picture = f'<img src="{address}" width="1" height="1" alt="" style="border:0">'
        end = html.rfind("</body>")
        return html + picture if end < 0 else html[:end] + picture + html[end:]

    def leave(self, row: int) -> str:
        """To unsubscribe: the page, and the address of the one-click POST (RFC 8058)."""
        return f"{self._base}/u/{self._tokens.sign('leave', row)}"

    def preferences(self, row: int) -> str:
        return f"{self.leave(row)}/topics"


def read_link(tokens: Tokens, token: str, target: str) -> Link | None:
    """None where token and target do not belong together, or are not ours."""
    if _WEB.match(target) is None:
        return None
    signed = tokens.read("click", token, target.encode("utf-8", "surrogatepass"))
    if signed is None:
        return None
    send, end = read_varint(signed.extra)
    return Link(signed.row, send, read_varint(signed.extra, end)[0])


def read_pixel(tokens: Tokens, token: str) -> Link | None:
    signed = tokens.read("open", token)
    return None if signed is None else Link(signed.row, read_varint(signed.extra)[0], 0)
