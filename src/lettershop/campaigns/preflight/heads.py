"""What a message's headers have to say: one function for each rule, pure. Each yields what is wrong
in a few words that are the same for all letters with the same mistake."""

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from email.utils import parseaddr, parsedate_to_datetime
from functools import lru_cache
from typing import Final
from urllib.parse import unquote, urlsplit

import msgspec

from lettershop.campaigns.preflight.reading import Mail
from lettershop.content.lint.heads import REPLY
from lettershop.delivery.dkim.verifier import FindKey, Verdict, verify_split

LONGEST: Final = 998
"""Octets of a line without its end (RFC 5322 2.1.1)."""
ONCE: Final = (b"from", b"to", b"subject", b"date", b"message-id")
AT_MOST_ONCE: Final = (
    b"reply-to",
    b"sender",
    b"cc",
    b"in-reply-to",
    b"references",
    b"mime-version",
)
AT_MOST_ONCE_TOO: Final = (b"list-unsubscribe", b"list-unsubscribe-post", b"content-type")
ONE_CLICK: Final = "List-Unsubscribe=One-Click"
BOTH: Final = frozenset({"list-unsubscribe", "list-unsubscribe-post"})
NOBODY: Final = re.compile(r"(?:no|do-?not|dont|never)[-_.]?reply|nobody|devnull", re.IGNORECASE)
_ID: Final = re.compile(r"<[^<>\s@]+@[^<>\s@]+>")
_URI: Final = re.compile(r"<([^<>]+)>")
_OWN: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What is the same for all messages of a send. `base`: address of our server, without a slash
    at the end. `leaves`: whether letters leave this machine. `find_key`: our public keys. `row_of`:
    the row that a token for unsubscribing was signed for, None for none of ours."""

    marketing: bool
    base: str
    leaves: bool
    postal_address: str
    find_key: FindKey
    row_of: Callable[[str], int | None]


def headers(mail: Mail, recipient: str) -> Iterator[str]:
    """MSG-1. `recipient`: of the envelope."""
    for name in ONCE:
        count = len(mail.named.get(name, ()))
        if count != 1:
            yield f"{count} {name.decode().title()} headers" if count else f"no {_title(name)}"
    for name in (*AT_MOST_ONCE, *AT_MOST_ONCE_TOO):
        if len(mail.named.get(name, ())) > 1:
            yield f"several {_title(name)} headers"
    if not _is_address(mail.one(b"from")):
        yield "From holds no address"
    if parseaddr(mail.one(b"to"))[1].lower() != recipient.lower():
        yield "To names somebody else than the envelope"
    if not _is_date(mail.one(b"date")):
        yield "Date is none"
    if not _ID.fullmatch(mail.one(b"message-id")):
        yield "Message-ID is none"
    if not mail.one(b"subject").strip():
        yield "Subject is blank"
    if mail.broken:
        yield mail.broken


def lines(mail: Mail) -> Iterator[str]:
    """MSG-2."""
    content = mail.content
    ends = content.count(b"\r\n")
    if (
        content.count(b"\n") != ends
        or content.count(b"\r") != ends
        or not content.endswith(b"\r\n")
    ):
        yield "lines that do not end with CR LF"
    if max(map(len, content.split(b"\r\n"))) > LONGEST:
        yield "lines over 998 octets"
    if b"\0" in content:
        yield "a NUL"


def one_click(mail: Mail, about: Surroundings) -> Iterator[str]:
    """MSG-3."""
    address = leave_address(mail)
    if not address:
        yield "no web address in List-Unsubscribe"
    elif not (address.startswith("https://") or _stays(address, about)):
        yield "List-Unsubscribe is not https"
    if mail.one(b"list-unsubscribe-post") != ONE_CLICK:
        yield "no List-Unsubscribe-Post"


def signed_one_click(verdicts: list[Verdict], about: Surroundings) -> Iterator[str]:
    """MSG-4: of every signature, for one is enough to be asked."""
    if not verdicts and about.leaves:
        yield "nothing is signed"
    for verdict in verdicts:
        for name in sorted(BOTH - verdict.signed):
            yield f"{_title(name.encode())} is not signed"


def opaque(mail: Mail, about: Surroundings, row: int, address: str) -> Iterator[str]:
    """MSG-5, of a message with a web address to leave by. `row`, `address`: whose it is."""
    target = leave_address(mail)
    if not target:
        return
    token = target.removeprefix(f"{about.base}/u/")
    if token == target or "/" in token or "?" in token:
        yield "it leads to another page than ours"
    elif (found := about.row_of(token)) is None:
        yield "its token was not signed here"
    elif found != row:
        yield "its token is another recipient's"
    if _names(target, address):
        yield "it holds the recipient's address"


def subject(mail: Mail) -> Iterator[str]:
    """MSG-8."""
    found = REPLY.match(mail.one(b"subject"))
    if found and not mail.named.get(b"in-reply-to"):
        yield f"it begins with “{found[0].strip()}”"


def identity(mail: Mail) -> Iterator[str]:
    """MSG-13."""
    name, address = _pair(mail.one(b"from"))
    if not name.strip():
        yield "From has no name"
    answers = _pair(mail.one(b"reply-to"))[1] or address
    if NOBODY.search(answers.partition("@")[0]):
        yield f"answers go to {answers}"


def signature(mail: Mail, about: Surroundings) -> list[Verdict]:
    """For AUTH-3 and MSG-4."""
    return verify_split(mail.fields, mail.body, about.find_key)


def leave_address(mail: Mail) -> str:
    """The first web address of List-Unsubscribe, "" for none."""
    found = _URI.findall(mail.one(b"list-unsubscribe").replace(" ", ""))
    return next((one for one in found if one.lower().startswith(("https://", "http://"))), "")


def from_domain(mail: Mail) -> str:
    return _pair(mail.one(b"from"))[1].rpartition("@")[2].lower()


def _stays(address: str, about: Surroundings) -> bool:
    return not about.leaves and (urlsplit(address).hostname or "") in _OWN


def _names(target: str, address: str) -> bool:
    """As it is, escaped, or in base64, wherever it begins in it."""
    said = unquote(target).lower()
    wanted = address.lower().encode()
    encoded = [b64encode(wanted[at:])[4:-4].decode().lower() for at in range(3)]
    return address.lower() in said or any(len(one) > 11 and one in said for one in encoded)


def _title(name: bytes) -> str:
    return name.decode().title().replace("-Id", "-ID").replace("Mime", "MIME")


@lru_cache(maxsize=1024)
def _pair(said: str) -> tuple[str, str]:
    return parseaddr(said)


def _is_address(said: str) -> bool:
    local, _, domain = _pair(said)[1].rpartition("@")
    return bool(local and domain)


@lru_cache(maxsize=64)
def _is_date(said: str) -> bool:
    try:
        return parsedate_to_datetime(said).tzinfo is not None
    except (ValueError, IndexError, TypeError):
        return False
