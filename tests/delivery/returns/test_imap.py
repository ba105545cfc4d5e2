"""Fetching from a mailbox, on a real server: Debian's dovecot, started by the test on loopback."""

import getpass
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lettershop.delivery.returns.imap import Mailbox, fetch
from lettershop.model.errors import InputError, Unavailable

DOVECOT = shutil.which("dovecot", path=os.environ.get("PATH", "") + ":/usr/sbin")

CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
mail_location = maildir:{folder}/mail
first_valid_uid = 0
first_valid_gid = 0
default_internal_user = {inner}
default_login_user = {outer}
default_internal_group = {inner}
imap_capability = {capability}
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class Server(msgspec.Struct, frozen=True):
    folder: Path
    port: int
    context: ssl.SSLContext

    @property
    def mailbox(self) -> Mailbox:
        return Mailbox(host="localhost", port=self.port, user="returns", password="secret")

    def put(self, *mails: bytes) -> None:
        new = self.folder / "mail" / "new"
        for number, mail in enumerate(mails):
            (new / f"{time.time_ns()}.{number}.x").write_bytes(mail)

    def done(self) -> list[bytes]:
        there = (self.folder / "mail" / ".Lettershop").glob("[cn][ue][rw]/*")
        return sorted(path.read_bytes() for path in there)


def certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - timedelta(1))
        .not_valid_after(now + timedelta(2))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "key.pem").write_bytes(private)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def listening(port: int) -> bool:
    with socket.socket() as one:
        one.settimeout(0.2)
        return one.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module", params=["+MOVE", "IMAP4rev1 UIDPLUS"], ids=["MOVE", "COPY"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    if DOVECOT is None:
        if os.environ.get("CI") == "true":
            pytest.fail("dovecot is not installed: apt-get install dovecot-imapd")
        pytest.skip("dovecot is not installed: apt-get install dovecot-imapd")
    # a short path: those of sockets end at 107 characters
    folder = Path(subprocess.check_output(["mktemp", "-d"], text=True).strip())
    port = free_port()
    certificate(folder)
    for name in ("new", "cur", "tmp"):
        (folder / "mail" / name).mkdir(parents=True)
    config = folder / "dovecot.conf"
    # it does nothing for strangers as root, and brings users of its own for that
    inner, outer = ("dovecot", "dovenull") if os.getuid() == 0 else (getpass.getuser(),) * 2
    owner = pwd.getpwnam(inner)
    for path in (folder, *(folder / "mail").rglob("*"), folder / "mail"):
        os.chown(path, owner.pw_uid, owner.pw_gid)
    said = CONFIG.format(
        folder=folder, port=port, inner=inner, outer=outer, uid=owner.pw_uid, gid=owner.pw_gid,
        capability=request.param,
    )  # fmt: skip
    config.write_text(said)
    process = subprocess.Popen([DOVECOT, "-F", "-c", config])
    try:
        deadline = time.monotonic() + 10
        while not listening(port):
            assert process.poll() is None and time.monotonic() < deadline, log(folder)
            time.sleep(0.02)
        yield Server(folder, port, ssl.create_default_context(cafile=folder / "cert.pem"))
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder)


def log(folder: Path) -> str:
    path = folder / "log"
    return path.read_text()[-2_000:] if path.exists() else "no log"


def test_mails_are_kept_then_moved(server: Server) -> None:
    kept: list[bytes] = []

    def keep(mail: bytes, envelope: Sequence[str]) -> None:
        assert envelope == ["returns@acme.example"]
        kept.append(mail.replace(b"\r\n", b"\n"))

    mailbox = msgspec.structs.replace(server.mailbox, envelope="returns@acme.example")
    server.put(b"Subject: one\n\n1\n", b"Subject: two\n\n2\n")
    assert fetch(mailbox, keep, server.context) == 2
    assert sorted(kept) == [b"Subject: one\n\n1\n", b"Subject: two\n\n2\n"] == server.done()
    assert fetch(mailbox, keep, server.context) == 0
    server.put(b"Subject: three\n\n")
    assert fetch(mailbox, keep, server.context) == 1
    assert len(server.done()) == 3


def test_folders_may_have_any_name(server: Server) -> None:
    name = 'Rückläufer & "mehr" 日本'
    mailbox = msgspec.structs.replace(server.mailbox, done=name)
    server.put(b"Subject: one\n\n1\n")
    assert fetch(mailbox, lambda *_: None, server.context) == 1
    again = msgspec.structs.replace(server.mailbox, folder=name)
    assert fetch(again, lambda *_: None, server.context) == 1
    for bad in ("", "a\r\nb"):
        with pytest.raises(InputError, match="name of a folder"):
            fetch(msgspec.structs.replace(mailbox, done=bad), lambda *_: None, server.context)


def test_what_could_not_be_kept_stays(server: Server) -> None:
    def broken(mail: bytes, envelope: Sequence[str]) -> None:
        raise OSError("the disk is full")

    kept: list[bytes] = []
    before = server.done()
    server.put(b"Subject: one\n\n1\n")
    with pytest.raises(OSError, match="disk"):
        fetch(server.mailbox, broken, server.context)
    assert server.done() == before
    assert fetch(server.mailbox, lambda mail, _: kept.append(mail), server.context) == 1
    assert len(kept) == 1


def test_what_goes_wrong_is_said(server: Server) -> None:
    def keep(mail: bytes, envelope: Sequence[str]) -> None:
        raise AssertionError

    with pytest.raises(Unavailable, match="CERTIFICATE"):
        fetch(server.mailbox, keep)  # not signed by anybody we know
    nowhere = msgspec.structs.replace(server.mailbox, folder="Nowhere")
    with pytest.raises(InputError, match="no folder “Nowhere”"):
        fetch(nowhere, keep, server.context)
    wrong = msgspec.structs.replace(server.mailbox, password="guessed")
    with pytest.raises(Unavailable) as raised:
        fetch(wrong, keep, server.context)
    assert "guessed" not in str(raised.value) and "guessed" not in repr(wrong)
    away = msgspec.structs.replace(server.mailbox, port=free_port())
    with pytest.raises(Unavailable, match="refused"):
        fetch(away, keep, server.context)


def test_without_encryption_only_on_this_machine() -> None:
    open_ = Mailbox(host="mx.example", user="u", password="p", security="none")
    with pytest.raises(InputError, match="none only on this machine"):
        fetch(open_, lambda *_: None)
