"""Test letters: made with the standard library and handed in one by one, to a mail server or a
folder. There is no ledger for them: nobody but our own people gets one."""

import os
import smtplib
import ssl
from collections.abc import Sequence
from email import policy
from email.errors import HeaderParseError
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from lettershop.content.letter import Rendered
from lettershop.model.errors import InputError, Unavailable

TIMEOUT: Final = 20.0
"""Seconds for each step of a conversation with the mail server."""
MARK: Final = "X-Lettershop-Test"


def message(letter: Rendered, sender: str, to: str, note: str) -> EmailMessage:
    """A whole message. `sender`: where the letter itself names none. `note`: whose letter it is.

    InputError `sender.unknown`, `sender.address`, `seed.address`.
    """
    own = letter.sender or sender
    if not own:
        hint = 'sender = "Ann Lee <ann@example.com>" in the template or in lettershop.toml'
        raise InputError("sender.unknown", "nobody is named as the sender", hint=hint)
    made = EmailMessage(policy=policy.SMTP)
    _address(made, "From", own, "sender.address")
    _address(made, "To", to, "seed.address")
    if letter.reply_to:
        _address(made, "Reply-To", letter.reply_to, "sender.address")
    made["Subject"] = letter.subject
    made["Date"] = formatdate(localtime=False)
    made["Message-ID"] = make_msgid(domain=parseaddr(own)[1].rpartition("@")[2])
    made[MARK] = note.encode("ascii", "replace").decode()
    made.set_content(letter.text)
    made.add_alternative(letter.html, subtype="html")
    return made


def hand_in(messages: Sequence[EmailMessage], smtp: str, outbox: Path) -> list[str]:
    """Where each has gone: the file, or the mail server. `smtp`: the setting; "" for the folder.

    InputError `settings.smtp`; Unavailable `smtp.failed` with what the server said.
    """
    if not smtp:
        return [str(_filed(one, outbox)) for one in messages]
    address = _server(smtp)
    try:
        with _connected(address) as server:
            for one in messages:
                server.send_message(one)
    except (smtplib.SMTPException, OSError, ssl.SSLError) as error:
        said = f"the mail server {address.hostname} did not take it: {error}"
        raise Unavailable("smtp.failed", said[:500], hint="see the setting smtp") from None
    return [f"{address.hostname}:{_port(address)}"] * len(messages)


def _address(made: EmailMessage, header: str, said: str, code: str) -> None:
    try:
        made[header] = said
        if not all(one.domain and one.username for one in made[header].addresses):
            raise ValueError
        if not made[header].addresses:
            raise ValueError
    except (ValueError, HeaderParseError, IndexError):
        raise InputError(code, f"“{said[:200]}” is not an address", where=header) from None


def _filed(one: EmailMessage, outbox: Path) -> Path:
    outbox.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = str(one["Message-ID"]).strip("<>").partition("@")[0]
    path = outbox / f"{name}.eml"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(one.as_bytes())
    return path


def _server(smtp: str) -> SplitResult:
    try:
        found = urlsplit(smtp)
        port = found.port
    except ValueError:
        found, port = urlsplit(""), None
    if found.scheme not in ("smtp", "smtps") or not found.hostname or port == 0:
        hint = "smtp://user:password@host:587, smtps://…:465, or empty for files"
        raise InputError("settings.smtp", "the setting smtp is not an address", hint=hint)
    return found


def _port(address: SplitResult) -> int:
    return address.port or (465 if address.scheme == "smtps" else 587)


def _connected(address: SplitResult) -> smtplib.SMTP:
    """Encrypted, but for a server on this very machine; signed in, when there is a name."""
    host, context = str(address.hostname), ssl.create_default_context()
    if address.scheme == "smtps":
        return _signed_in(
            smtplib.SMTP_SSL(host, _port(address), timeout=TIMEOUT, context=context), address
        )
    server = smtplib.SMTP(host, _port(address), timeout=TIMEOUT)
    try:
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=context)
        elif not _is_here(host):
            raise smtplib.SMTPException("it does not offer STARTTLS")
        return _signed_in(server, address)
    except BaseException:
        server.close()
        raise


def _signed_in(server: smtplib.SMTP, address: SplitResult) -> smtplib.SMTP:
    if address.username:
        server.login(unquote(address.username), unquote(address.password or ""))
    return server


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
