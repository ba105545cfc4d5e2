"""Per recipient: marked links get their token, the pixel is put in, addresses to leave are made.

The text part keeps its plain links: there the reader sees the address itself, and a long one full
of signs is read as a trick; what is clicked there is not counted.
"""

import re
from functools import lru_cache
from html import escape, unescape
from typing import Final, NamedTuple
from urllib.parse import quote

import msgspec

from lettershop.delivery.tracking.tokens import Tokens, read_varint, varint

_MARKED: Final = re.compile(
    r"""data-ls="(?P<number>\d+)" (?P<href>[Hh][Rr][Ee][Ff]\s*=\s*)"""
    r"""(?P<sign>["'])(?P<to>.*?)(?P=sign)""",
    re.DOTALL,
)
"""Without IGNORECASE, which would cost ten times as much: it looks for data-ls first."""
_MARK: Final = re.compile(r'data-ls="\d+" (?=[Hh][Rr][Ee][Ff])')
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


class _Target(NamedTuple):
    """`plain`: as a browser would go there; `web`: whether that is followed; `bound`: what is
    signed; `quoted`: as it stands in an address."""

    plain: str
    web: bool
    bound: bytes
    quoted: str


@lru_cache(maxsize=4096)
def _target(said: str) -> _Target:
    """Of the value of an attribute: the same for most recipients."""
    plain = unescape(said).translate(_DROPPED).strip()
    bound = plain.encode("utf-8", "surrogatepass")
    web = len(plain) <= LONGEST and _WEB.match(plain) is not None
    return _Target(plain, web, bound, quote(bound, safe=_SAFE))


class Addresses:
    """The addresses in one workspace's letters. `base`: https://letters.example.com."""

    def __init__(self, tokens: Tokens, base: str) -> None:
        self._tokens, self._base = tokens, base.rstrip("/")

    def follow(self, html: str, row: int, send: int, base: int = 0) -> str:
        """The HTML with its marked links leading over us, and without marks. Our own pages, and
        whatever turned out not to be a web address, are left as they are. `base`: added to the
        numbers, for variants of a send."""
        if "data-ls=" not in html:
            return html

        def led(found: re.Match[str]) -> str:
            number, href, sign, to = found.groups()
            target = _target(to)
            ours = target.plain == self._base or target.plain.startswith(self._base + "/")
            if ours or not target.web:
                return f"{href}{sign}{to}{sign}"
            return f"{href}{sign}{self._link(row, send, base + int(number), target)}{sign}"

        return _MARKED.sub(led, html)

    def link(self, row: int, send: int, number: int, target: str) -> str:
        """The target is signed with the rest: this is no open redirect (CWE-601)."""
        return self._link(row, send, number, _target(escape(target)))

    def _link(self, row: int, send: int, number: int, target: "_Target") -> str:
        extra = varint(send) + varint(number)
        token = self._tokens.sign("click", row, extra, target.bound)
        return f"{self._base}/c/{token}?u={target.quoted}"

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
        return self.preferences_of(self.leave(row))

    def preferences_of(self, leave: str) -> str:
        """The same, of an address to leave."""
        return f"{leave}/topics"


def unmarked(html: str) -> str:
    """The HTML with its links as they were written, without marks."""
    return _MARK.sub("", html) if "data-ls=" in html else html


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
