"""The setting `smtp`: `smtp://user:password@host:587`, `smtps://host:465`."""

import socket
from functools import cache
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from lettershop.delivery.smtp.opening import Server
from lettershop.model.errors import InputError


def smart_host(setting: str, hello: str = "") -> Server:
    """The server a setting names. Encrypted, with its certificate checked; on this very machine
    STARTTLS is used when it is offered. InputError `settings.smtp`."""
    found, port = _parts(setting)
    host = str(found.hostname)
    here = is_here(host)
    implicit = found.scheme == "smtps"
    return Server(
        host=host,
        port=port or (465 if implicit else 587),
        hello=hello or own_name(),
        tls="implicit" if implicit else "opportunistic" if here else "required",
        user=unquote(found.username or ""),
        password=unquote(found.password or ""),
        plain_auth=here,
    )


def _parts(setting: str) -> tuple[SplitResult, int | None]:
    hint = "smtp://user:password@host:587, smtps://…:465, or empty for files"
    try:
        found = urlsplit(setting)
        port = found.port
        if found.hostname:
            found.hostname.encode("idna")
    except ValueError:
        found, port = urlsplit(""), 0
    known = found.scheme in ("smtp", "smtps") and found.hostname and port != 0
    if not known or found.path not in ("", "/") or found.query or found.fragment:
        raise InputError("settings.smtp", "the setting smtp is not an address", hint=hint)
    return found, port


def is_here(host: str) -> bool:
    """Whether a name or IP address is this very machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@cache
def own_name() -> str:
    """What we call ourselves in HELLO when nothing else is said: this machine's full name, or its
    address in brackets where it has none (RFC 5321 4.1.3)."""
    name = socket.getfqdn()
    plain = name.isascii() and all(c.isalnum() or c in ".-" for c in name)
    return name if "." in name.strip(".") and plain else "[127.0.0.1]"
