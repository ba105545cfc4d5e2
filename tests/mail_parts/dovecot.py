"""Debian's Dovecot, taking letters in by LMTP for a few hundred people: a Maildir each."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.mail_parts.programs import free_port, own_folder, program, running, user

OWNER = "mail"
"""Debian's user that all mailboxes belong to."""
CONF = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = lmtp
listen = 127.0.0.1
ssl = no
default_internal_user = dovecot
default_login_user = dovenull
mail_uid = {owner}
mail_gid = {owner}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:~/Maildir
mail_plugins = $mail_plugins quota
auth_username_format = %Ln
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {port}
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = passwd-file
  args = {folder}/users
}}
plugin {{
  quota = maildir:User quota
}}
protocol lmtp {{
  postmaster_address = postmaster@client.example
  lmtp_rcpt_check_quota = yes
}}
"""


class Dovecot(msgspec.Struct, frozen=True):
    port: int
    homes: Path
    log: Path

    def mails(self, name: str) -> Sequence[bytes]:
        """What is in the mailbox of that name, CRLF as it came."""
        found = sorted((self.homes / name / "Maildir").glob("*/*"))
        return [path.read_bytes() for path in found if path.parent.name in ("new", "cur")]

    def count(self) -> int:
        """Of all mails, also of those that are being written."""
        return sum(1 for _ in self.homes.glob("*/Maildir/new/*"))


@contextmanager
def dovecot(people: Mapping[str, int]) -> Iterator[Dovecot]:
    """`people`: name -> bytes their mailbox may hold, 0 for any number; everybody else is
    unknown."""
    path, port = program("dovecot", "dovecot-lmtpd"), free_port()
    number, group = user(OWNER)
    with own_folder() as folder:
        for name in ("run", "state", "homes"):
            (folder / name).mkdir()
        homes = folder / "homes"
        lines = []
        for name, most in people.items():
            rule = f"userdb_quota_rule=*:bytes={most}" if most else ""
            home = homes / name
            home.mkdir(mode=0o755)
            lines.append(f"{name}:{{PLAIN}}none:{number}:{group}::{home}::{rule}")
        _give(homes, number, group)
        (folder / "users").write_text("\n".join(lines) + "\n")
        conf = folder / "dovecot.conf"
        conf.write_text(CONF.format(folder=folder, port=port, owner=OWNER))
        with running([path, "-F", "-c", str(conf)], port, folder / "log"):
            yield Dovecot(port, homes, folder / "log")


def _give(folder: Path, number: int, group: int) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, number, group)
