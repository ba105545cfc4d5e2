"""A connection from nothing to the point where mail can be handed over."""

import asyncio
import socket
import ssl
from contextlib import suppress
from functools import cache
from typing import Final, Literal, cast

import msgspec
from aiosmtplib import SMTP, SMTPException, SMTPHeloError, SMTPResponseException

from lettershop.delivery.smtp.limits import Limits
from lettershop.delivery.smtp.replies import said
from lettershop.delivery.smtp.stream import Stream
from lettershop.delivery.wire import Lost, Reply, Unwelcome

Tls = Literal["implicit", "required", "opportunistic", "never"]
"""implicit: from the first octet; required: STARTTLS or nothing, and both check the certificate;
opportunistic: STARTTLS when it is offered and works, whatever the certificate (RFC 7435)."""

NO_TLS: Final = Reply(
    code=454, status="4.7.4", text="it does not offer STARTTLS, which is required"
)
NO_AUTH: Final = Reply(code=454, status="4.7.0", text="it does not offer to sign in over TLS")


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """`host`: its name, which the certificate is checked against. `ip`: where it is, when the name
    was looked up already. `hello`: our own name. `trusted`: whom certificates may be from, instead
    of the system's list."""

    host: str
    port: int
    hello: str
    tls: Tls = "required"
    ip: str = ""
    user: str = ""
    password: str = ""
    plain_auth: bool = False
    """Signing in without encryption is fine: it is on this very machine."""
    trusted: ssl.SSLContext | None = None


class Opened(msgspec.Struct, frozen=True):
    """`extensions`: what EHLO said, in lower case: parameters."""

    stream: Stream
    extensions: dict[str, str]


class _TlsFailed(Exception):
    """The handshake, not the server."""


async def opened(server: Server, limits: Limits) -> Opened:
    """Greeted, encrypted as asked for, signed in. Lost, Unwelcome."""
    try:
        try:
            return await _whole(server, limits)
        except _TlsFailed as failed:
            if server.tls != "opportunistic":
                raise Lost(f"{server.host}: {failed}") from None
            return await _whole(msgspec.structs.replace(server, tls="never"), limits)
    except SMTPResponseException as error:
        if 400 <= error.code <= 599:
            raise Unwelcome(said(error.code, _lines(error.message))) from None
        raise Lost(f"{server.host}: it said “{_lines(error.message)[0][:80]}”") from None
    except (SMTPException, OSError, ValueError) as error:
        raise Lost(f"{server.host}: {str(error) or type(error).__name__}") from None


async def _whole(server: Server, limits: Limits) -> Opened:
    implicit = server.tls == "implicit"
    client = SMTP(
        hostname=server.host,
        local_hostname=server.hello,
        timeout=limits.command,
        use_tls=implicit,
        start_tls=False,
        tls_context=_context(server),
    )
    try:
        async with asyncio.timeout(2 * limits.connect + 6 * limits.command):
            await _connect(client, server, limits)
            await _hello(client)
            if server.tls in ("required", "opportunistic"):
                await _start_tls(client, server, limits)
            if server.user:
                await _sign_in(client, server)
    except BaseException:
        client.close()
        raise
    if client.transport is None:
        raise Lost(f"{server.host}: it closed the connection")
    extensions = dict(client.esmtp_extensions)
    return Opened(Stream(cast(asyncio.Transport, client.transport), server.host), extensions)


async def _connect(client: SMTP, server: Server, limits: Limits) -> None:
    try:
        if not server.ip:
            await client.connect(port=server.port)
            return
        sock = await _socket(server, limits)
        try:
            await client.connect(sock=sock)
        except BaseException:
            sock.close()
            raise
    except ssl.SSLError as error:
        raise _TlsFailed(f"TLS failed: {error}") from None


async def _socket(server: Server, limits: Limits) -> socket.socket:
    family = socket.AF_INET6 if ":" in server.ip else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        async with asyncio.timeout(limits.connect):
            await asyncio.get_running_loop().sock_connect(sock, (server.ip, server.port))
    except BaseException:
        sock.close()
        raise
    return sock


async def _hello(client: SMTP) -> None:
    try:
        await client.ehlo()
    except SMTPHeloError as error:
        if not 500 <= error.code <= 504:
            raise
        await client.helo()


async def _start_tls(client: SMTP, server: Server, limits: Limits) -> None:
    if not client.supports_extension("starttls"):
        if server.tls == "required":
            raise Unwelcome(NO_TLS)
        return
    try:
        await client.starttls(timeout=limits.connect)
    except SMTPResponseException as error:
        if server.tls == "required":
            raise
        raise _TlsFailed(f"STARTTLS was refused: {error.code}") from None
    except (SMTPException, OSError) as error:
        raise _TlsFailed(f"TLS failed: {error}") from None
    await _hello(client)


async def _sign_in(client: SMTP, server: Server) -> None:
    """CRAM-MD5, PLAIN or LOGIN, as offered; never readable for others on the way."""
    encrypted = client.get_transport_info("sslcontext") is not None
    if not client.server_auth_methods or not (encrypted or server.plain_auth):
        raise Unwelcome(NO_AUTH)
    await client.login(server.user, server.password)


def _context(server: Server) -> ssl.SSLContext:
    if server.tls == "opportunistic":
        return _unchecked()
    return server.trusted or _checked()


@cache
def _checked() -> ssl.SSLContext:
    return ssl.create_default_context()


@cache
def _unchecked() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with suppress(ssl.SSLError):
        # An old cipher is better than none, which is what the alternative would be.
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


def _lines(message: str) -> list[str]:
    return ["".join(c if c.isprintable() else " " for c in line) for line in message.split("\n")]
