"""Debian's Postfix, started by a test on loopback with a queue and a configuration of its own."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

POSTFIX = shutil.which("postfix", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
WHY_NOT = (
    "Postfix is not installed (Debian: postfix)"
    if POSTFIX is None
    else "Postfix is started by root only"
    if os.geteuid() != 0
    else ""
)

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
meta_directory = /etc/postfix
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mx.client.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
local_transport = error:nobody
local_recipient_maps =
alias_maps =
relay_domains = {domains}
transport_maps = inline:{{ {transports} }}
smtpd_relay_restrictions = permit_mynetworks, reject
smtp_host_lookup = native
disable_dns_lookups = yes
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 1s
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
"""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def running(
    transports: Mapping[str, str], *, port: int = 0, **more: str
) -> Iterator[tuple[int, Path]]:
    """`transports`: domain -> where Postfix hands its mail over; `more`: of main.cf. Yields its
    port and its log."""
    if WHY_NOT:
        if os.environ.get("CI") == "true":
            pytest.fail(WHY_NOT)
        pytest.skip(WHY_NOT)
    folder, port = Path(tempfile.mkdtemp()), port or free_port()
    folder.chmod(0o755)
    for name in ("queue", "data", "etc"):
        (folder / name).mkdir(mode=0o755)
    shutil.chown(folder / "data", "postfix")
    inline = ", ".join(f"{{ {domain} = {there} }}" for domain, there in transports.items())
    main = MAIN.format(folder=folder, domains=", ".join(transports), transports=inline)
    main += "".join(f"{name} = {said}\n" for name, said in more.items())
    (folder / "etc" / "main.cf").write_text(main)
    (folder / "etc" / "master.cf").write_text(MASTER.format(port=port))
    started = [str(POSTFIX), "-c", str(folder / "etc")]
    process = subprocess.Popen(
        [*started, "start-fg"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        _await(port, process, folder / "log")
        yield port, folder / "log"
    finally:
        subprocess.run([*started, "stop"], check=False, capture_output=True, timeout=20)
        process.communicate(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 20
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            said = log.read_text()[-2_000:] if log.exists() else ""
            assert process.poll() is None and time.monotonic() < end, said or process.communicate()
            time.sleep(0.05)
