"""Mail servers for tests: one that says what it is told to, and what TLS and DNS need around it."""

import asyncio
import datetime
import ipaddress
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lettershop.delivery.smtp.conversation import Conversation
from lettershop.delivery.smtp.limits import Limits
from lettershop.delivery.smtp.opening import Server, opened
from lettershop.delivery.wire import Outgoing

QUICK = Limits(connect=2, command=0.5, start=0.5, content=0.5, answer=0.5, quit=0.2)
PATIENT = Limits(connect=20, command=20, start=20, content=20, answer=20, quit=0.2)
CONTENT = b"From: a@sender.example\r\nSubject: Hello\r\n\r\nGood morning\r\n"
HELLO = "250-mail.example\r\n250-PIPELINING\r\n250 SIZE 100000\r\n"
OK = "250 2.0.0 fine\r\n"


def letter(to: str = "ann@acme.example", content: bytes = CONTENT, number: int = 1) -> Outgoing:
    return Outgoing(id=number, sender="bounce@sender.example", recipient=to, content=content)


Heard = list[str]
Play = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def playing(play: Play) -> AsyncIterator[int]:
    """The port of a server that does what `play` does with each connection."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await play(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # a task that ends cancelled is reported as an error by asyncio's streams
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def script(*answers: str | bytes, heard: Heard | None = None, greeting: str = "220 hi\r\n") -> Play:
    """Greets, says HELLO, then one answer for each line it hears (b"" for silence, "…" joined with
    " close" at its end to hang up); content up to the final dot counts as one line."""

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting.encode())
        await reader.readline()
        writer.write(HELLO.encode())
        in_content = False
        for answer in answers:
            line = await reader.readuntil(b"\r\n.\r\n" if in_content else b"\r\n")
            if heard is not None:
                heard.append(line.decode())
            if answer == "close":
                return
            said = answer.encode() if isinstance(answer, str) else answer
            writer.write(said)
            in_content = said.startswith(b"354")
        await reader.read()

    return play


async def talking(port: int, limits: Limits = PATIENT) -> Conversation:
    server = Server(host="127.0.0.1", port=port, hello="me.example", tls="never")
    return Conversation(await opened(server, limits), limits)


async def noticed(conversation: Conversation) -> None:
    """Waits until something has come that nobody asked for, or the end."""
    async with asyncio.timeout(10):
        while not conversation.over and conversation._stream.quiet:
            await asyncio.sleep(0.002)


@contextmanager
def certified(folder: Path, name: str) -> Iterator[tuple[ssl.SSLContext, ssl.SSLContext]]:
    """(of a server called `name`, of a client that trusts it)."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    try:
        alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        alternative = x509.DNSName(name)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, private = folder / "server.pem", folder / "server.key"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem, private)
    yield server, ssl.create_default_context(cafile=str(pem))


@contextmanager
def dns_server(
    zone: dict[tuple[str, str], Sequence[str]], at: tuple[str, int] = ("127.0.0.1", 0)
) -> Iterator[int]:
    """The port of a DNS server that knows `(name, type) -> records`; a name without any record does
    not exist, and the record "silent" is never answered. OSError where it may not answer."""
    sock = socket(AF_INET, SOCK_DGRAM)
    sock.bind(at)
    sock.settimeout(0.1)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                asked, sender = sock.recvfrom(4096)
            except TimeoutError:
                continue
            if (answer := _dns_answer(zone, asked)) is not None:
                sock.sendto(answer, sender)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield sock.getsockname()[1]
    finally:
        over.set()
        thread.join(5)
        sock.close()


def _dns_answer(zone: dict[tuple[str, str], Sequence[str]], asked: bytes) -> bytes | None:
    query = dns.message.from_wire(asked)
    question = query.question[0]
    name = question.name.to_text().rstrip(".").lower()
    kind = dns.rdatatype.to_text(question.rdtype)
    found = zone.get((name, kind), [])
    if "silent" in found:
        return None
    answer = dns.message.make_response(query)
    answer.flags |= dns.flags.RA
    if found:
        answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *found))
    elif not any(known == name for known, _ in zone):
        answer.set_rcode(dns.rcode.NXDOMAIN)
    return answer.to_wire()
