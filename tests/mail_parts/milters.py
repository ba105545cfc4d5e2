"""Who judges a letter on its arrival: Debian's opendkim and opendmarc, as Postfix asks them.

opendmarc cannot be told which DNS to ask: it reads /etc/resolv.conf. So it is run with its own
setting ChangeRootDirectory, and that folder has an etc/resolv.conf with the address of ours.
opendkim has a setting for it.

They listen on socket files: over TCP each step of a letter would wait for a delayed
acknowledgement.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from tests.mail_parts.programs import own_folder, program, running

HOST = "mx.client.example"
"""Whose Authentication-Results opendmarc believes."""

DKIM = """
Mode v
Background no
Syslog no
Socket local:{folder}/socket
UMask 000
Nameservers {names}
AuthservID {host}
MinimumKeyBits 1024
SendReports no
InternalHosts 198.51.100.1
RemoveOldSignatures no
"""
DMARC = """
Background false
Syslog false
Socket local:/socket
UMask 000
AuthservID {host}
TrustedAuthservIDs {host}
ChangeRootDirectory {folder}
IgnoreHosts {folder}/etc/ignored
RejectFailures true
SPFIgnoreResults true
SPFSelfValidate false
"""


@contextmanager
def opendkim(names: str) -> Iterator[str]:
    """Where it listens. `names`: the address of a DNS."""
    path = program("opendkim", "opendkim")
    with own_folder() as folder:
        conf = folder / "opendkim.conf"
        conf.write_text(DKIM.format(folder=folder, names=names, host=HOST))
        with running([path, "-f", "-x", str(conf)], folder / "socket", folder / "log"):
            yield f"unix:{folder}/socket"


@contextmanager
def opendmarc(names: str) -> Iterator[str]:
    """Where it listens. `names`: the address of a DNS. It refuses what a sender's policy says
    should be refused."""
    path = program("opendmarc", "opendmarc")
    with own_folder() as folder:
        (folder / "etc").mkdir()
        shutil.chown(folder, "opendmarc")
        (folder / "etc" / "resolv.conf").write_text(f"nameserver {names}\n")
        (folder / "etc" / "ignored").write_text("198.51.100.1\n")  # nobody: by default loopback
        conf = folder / "opendmarc.conf"
        conf.write_text(DMARC.format(folder=folder, host=HOST))
        command = [path, "-f", "-c", str(conf), "-u", "opendmarc"]
        with running(command, folder / "socket", folder / "log"):
            yield f"unix:{folder}/socket"
