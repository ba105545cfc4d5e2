"""Fetching what came back from a mailbox (IMAP, RFC 3501), where no mail server can hand it over.

Level-triggered: whatever lies in the folder is due. A mail is kept first (spool.py), then moved to
`done` in the mailbox, so that a crash between the two only brings it twice.
"""

import imaplib
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import groupby
from typing import Any, Final

import msgspec

from lettershop.delivery.returns.parts import MOST_BYTES
from lettershop.model.errors import InputError, Unavailable

TIMEOUT: Final = 30.0
MOST: Final = 500
"""Mails of one look."""


class Mailbox(msgspec.Struct, frozen=True, kw_only=True):
    """`security`: "tls" from the first byte, "starttls", or "none" (on this machine alone).
    `envelope`: the address whose mailbox it is, told with each mail. The password is not shown."""

    host: str
    port: int = 993
    user: str
    password: str
    security: str = "tls"
    folder: str = "INBOX"
    done: str = "Lettershop"
    envelope: str = ""

    def __repr__(self) -> str:
        return f"Mailbox({self.user!r} at {self.host}:{self.port}, {self.folder})"


def fetch(
    mailbox: Mailbox,
    keep: Callable[[bytes, Sequence[str]], object],
    context: ssl.SSLContext | None = None,
) -> int:
    """Take over what is there; how many mails. `keep` returns when a mail is durable.

    InputError `imap.folder`, `imap.security`; Unavailable `imap.failed` with what the server said.
    """
    try:
        with _opened(mailbox, context) as box:
            return _taken(box, mailbox, keep)
    except (imaplib.IMAP4.error, ssl.SSLError, socket.gaierror, TimeoutError, EOFError) as error:
        raise _failed(mailbox, error) from None
    except ConnectionError as error:
        raise _failed(mailbox, error) from None


def _taken(
    box: imaplib.IMAP4, mailbox: Mailbox, keep: Callable[[bytes, Sequence[str]], object]
) -> int:
    able = _able(box)
    box.create(_quoted(mailbox.done))  # says NO where it is there
    answer, _ = box.select(_quoted(mailbox.folder))
    if answer != "OK":
        message = f"there is no folder “{mailbox.folder}” in the mailbox of {mailbox.user}"
        raise InputError("imap.folder", message, where=mailbox.host)
    _, found = box.uid("SEARCH", "UNDELETED")
    uids = (found[0] or b"").split()[:MOST] if found else []
    done = 0
    for uid in uids:
        mail = _mail(box, uid.decode("ascii"))
        if mail is None:
            continue
        keep(mail, [mailbox.envelope] if mailbox.envelope else [])
        _moved(box, able, uid.decode("ascii"), mailbox.done)
        done += 1
    return done


def _mail(box: imaplib.IMAP4, uid: str) -> bytes | None:
    """At most MOST_BYTES of it, without marking it as read; None where it has gone meanwhile."""
    _, said = box.uid("FETCH", uid, f"(UID BODY.PEEK[]<0.{MOST_BYTES}>)")
    for one in said or []:
        if isinstance(one, tuple) and len(one) > 1 and isinstance(one[1], bytes):
            return one[1]
    return None


def _able(box: imaplib.IMAP4) -> frozenset[str]:
    """What it can do; asked again, for before signing in servers tell less."""
    _, said = box.capability()
    return frozenset(b" ".join(one for one in said if one).decode("ascii", "replace").split())


def _moved(box: imaplib.IMAP4, able: frozenset[str], uid: str, done: str) -> None:
    """MOVE (RFC 6851) where the server has it; else copied, and the original deleted by its UID."""
    if "MOVE" in able:
        _good(box.uid("MOVE", uid, _quoted(done)))
        return
    _good(box.uid("COPY", uid, _quoted(done)))
    _good(box.uid("STORE", uid, "+FLAGS.SILENT", r"(\Deleted)"))
    if "UIDPLUS" in able:
        _good(box.uid("EXPUNGE", uid))


def _good(answer: tuple[str, Any]) -> None:
    if answer[0] != "OK":
        said = answer[1][0] if answer[1] else b""
        raise imaplib.IMAP4.error(said.decode("utf-8", "replace") if said else answer[0])


@contextmanager
def _opened(mailbox: Mailbox, context: ssl.SSLContext | None) -> Iterator[imaplib.IMAP4]:
    checked = context or ssl.create_default_context()
    box = _connected(mailbox, checked)
    try:
        box.login(mailbox.user, mailbox.password)
        yield box
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            box.logout()


def _connected(mailbox: Mailbox, context: ssl.SSLContext) -> imaplib.IMAP4:
    match mailbox.security:
        case "tls":
            return imaplib.IMAP4_SSL(
                mailbox.host, mailbox.port, ssl_context=context, timeout=TIMEOUT
            )
        case "starttls":
            box = imaplib.IMAP4(mailbox.host, mailbox.port, timeout=TIMEOUT)
            box.starttls(context)
            return box
        case "none" if mailbox.host in ("localhost", "127.0.0.1", "::1"):
            return imaplib.IMAP4(mailbox.host, mailbox.port, timeout=TIMEOUT)
        case _:
            message = f"{mailbox.host} cannot be asked with security “{mailbox.security}”"
            hint = "tls, starttls; none only on this machine"
            raise InputError("imap.security", message, hint=hint)


def _failed(mailbox: Mailbox, error: Exception) -> Unavailable:
    said = str(error).replace(mailbox.password, "…") if mailbox.password else str(error)
    message = f"the mailbox {mailbox.user} at {mailbox.host} cannot be read: {said[:300]}"
    return Unavailable("imap.failed", message, retry_after=60)


def _quoted(folder: str) -> str:
    """In modified UTF-7 (RFC 3501, 5.1.3). InputError `imap.folder` for a name that is none."""
    if not folder or any(ord(c) < 32 for c in folder):
        raise InputError("imap.folder", f"{folder!a} is not the name of a folder")
    said = ""
    for is_plain, letters in groupby(folder, lambda c: c.isascii()):
        run = "".join(letters)
        coded = b64encode(run.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
        said += run.replace("&", "&-") if is_plain else f"&{coded}-"
    return '"' + said.replace("\\", "\\\\").replace('"', '\\"') + '"'
