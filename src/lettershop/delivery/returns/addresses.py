"""Addresses within mails: found in headers and in running text."""

from collections.abc import Iterable, Iterator
from email.errors import HeaderParseError
from email.message import Message
from email.utils import getaddresses
from typing import Final

import re2

from lettershop.delivery.returns.parts import header, raws

MOST: Final = 50
"""Addresses that are taken from one header or text."""
_IN_TEXT: Final = re2.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x{80}-\x{10ffff}][A-Za-z0-9!#$%&'*+/=?^_`{|}~.\x{80}-\x{10ffff}-]{0,127}"
    r"@[A-Za-z0-9\x{80}-\x{10ffff}](?:[A-Za-z0-9.\x{80}-\x{10ffff}-]{0,252}[A-Za-z0-9\x{80}-\x{10ffff}])?"
)
_IDS: Final = re2.compile(r"<[^<>\s]{3,300}@[^<>\s]{1,255}>")


def in_headers(headers: Message, *names: str) -> tuple[str, ...]:
    """Of all headers of these names, lower case, each once."""
    said = [one for name in names for one in raws(headers, name)[:MOST]]
    try:
        pairs = getaddresses(said)
    except (HeaderParseError, ValueError, IndexError, TypeError, AttributeError):
        return once(in_text(" ".join(said)))
    return once(address for _, address in pairs if "@" in address)


def in_text(text: str) -> list[str]:
    """In the order they stand there; "mailto:" and "SMTP:" before one are no part of it."""
    found = _IN_TEXT.findall(text)[:MOST]
    return [one.strip("'`*|").removeprefix("rfc822=").removeprefix("SMTP=") for one in found]


def message_ids(headers: Message, *names: str) -> tuple[str, ...]:
    said = " ".join(header(headers, name) for name in names)
    return tuple(dict.fromkeys(_IDS.findall(said)[:MOST]))


def ids_in_text(text: str) -> list[str]:
    """Of lines that look like the headers of a letter that was sent back."""
    lines = (line.lstrip("> \t") for line in text.splitlines()[:4_000])
    named = [line for line in lines if line[:11].lower() == "message-id:"]
    return [found for line in named[:5] for found in _IDS.findall(line)]


def once(addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(clean(one) for one in addresses))[:MOST]


def clean(address: str) -> str:
    return address.strip(" <>\"'\t").lower()


def excluding(addresses: Iterable[str], ours: Iterable[str]) -> Iterator[str]:
    """Without our own and those of the machines that write such mails."""
    out = set(ours)
    for one in addresses:
        name = one.partition("@")[0]
        if one not in out and name not in _MACHINES:
            yield one


_MACHINES: Final = frozenset(
    {
        *("postmaster", "mailer-daemon", "mailerdaemon", "mdaemon", "abuse", "noreply"),
        *("no-reply", "hostmaster", "webmaster", "support", "helpdesk"),
    }
)
