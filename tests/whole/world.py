"""A shop that sends for real: a workspace with letters, a key, consents and people in its ledger.
The records are connected while it is open."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import msgspec

from lettershop.access.audit import LOCAL
from lettershop.app import Workspace, records
from lettershop.app.compliance import Compliance
from lettershop.app.postoffice.senders import command as command_of
from lettershop.app.settings import read_settings
from lettershop.compliance.consent import NewConsent, record_many
from lettershop.compliance.unsubscribe import unsubscribe
from lettershop.content.folder import load_templates
from lettershop.delivery import editions
from lettershop.delivery.dkim.folder import FOLDER, create
from lettershop.delivery.dkim.keys import Key, dns_record
from lettershop.delivery.ledger import controls, counting, planning
from lettershop.delivery.ledger.content import RECIPIENT, Recipient, SendContent
from lettershop.delivery.ledger.counting import Counts
from lettershop.delivery.ledger.rows import Planned
from lettershop.delivery.ledger.snapshot import freeze
from lettershop.model.clock import SystemClock
from lettershop.model.settings import Settings
from tests.mail_parts.programs import PATIENCE, until

HERE = Path(__file__).parent
DOMAIN = "shop.example"
RETURNS = "bounces.shop.example"
PROGRAM = [sys.executable, "-c", "from lettershop.cli import main; main()"]
SETTINGS = f"""
sender = "Ann Lee <ann@{DOMAIN}>"
postal_address = "Shop Ltd, 1 Main Street, Bonn"
public_url = "https://letters.{DOMAIN}"
return_address = "returns@{RETURNS}"
"""
NOW = SystemClock().now


class Person(msgspec.Struct, frozen=True):
    address: str
    name: str = ""
    account: str = ""
    language: str = ""
    provider: str = ""

    @property
    def contact(self) -> str:
        return f"user:{self.address.partition('@')[0]}"


class World:
    """`folder`: the workspace; `key`: the one it signs with."""

    def __init__(self, folder: Path, settings: Settings, key: Key) -> None:
        self.folder, self.settings, self.key = folder, settings, key
        self.compliance = Compliance(folder, settings)
        self._templates = load_templates(folder / "content")

    @property
    def secret(self) -> bytes:
        """What its addresses are signed with."""
        return records.secret_key(self.folder / "data").encode("ascii")

    @property
    def dns(self) -> dict[str, str]:
        """What the world reads of us there."""
        policy = "v=DMARC1; p=reject; adkim=s"
        return {self.key.dns_name: dns_record(self.key), f"_dmarc.{DOMAIN}": policy}

    def agreed(self, people: Iterable[Person]) -> None:
        said = [
            NewConsent(address=one.address, purpose="newsletter", method="double", source="form")
            for one in people
        ]
        desk = self.compliance
        record_many(desk.book, desk.policy, said, by=LOCAL.name, at=NOW())

    def left(self, people: Iterable[Person]) -> None:
        """They unsubscribed, all of them from everything."""
        book, policy = self.compliance.book, self.compliance.policy
        for one in people:
            unsubscribe(book, policy, one.address, source="link", proof={}, at=NOW())

    def campaign(self, people: Sequence[Person], name: str = "offers") -> int:
        """A send to all of them, who agreed to it; it is holding."""
        self.agreed(people)
        return self._planned(f"campaign:{name}:1", "offer", "newsletter", people)

    def orders(self, people: Sequence[Person]) -> int:
        """Each gets a receipt."""
        return self._planned("transactional:receipt", "receipt", "order", people)

    def start(self, send: int) -> int:
        controls.start(send, NOW())
        return send

    def _planned(self, key: str, template: str, purpose: str, people: Sequence[Person]) -> int:
        digest = editions.keep(self._templates.named(template), NOW())
        content = SendContent(
            templates={"": digest},
            template=template,
            purpose=purpose,
            sender=self.settings.sender,
            as_of=NOW(),
        )
        campaign = key.startswith("campaign:")
        send = planning.begin(
            key,
            kind="campaign" if campaign else "transactional",
            name=key,
            stream="marketing" if campaign else "transactional",
            at=NOW(),
            content=content.json(),
        )
        rows = (row(one, digest) for one in people)
        assert planning.plan(send.id, rows, NOW()) == len(people)
        return send.id


def row(one: Person, digest: str) -> Planned:
    values = {
        "contact": {"last_order": "A-1177"} | ({"first_name": one.name} if one.name else {}),
        "account": {"name": one.account} if one.account else {},
        "offers": [
            {
                "name": name,
                "price": Decimal(price),
                "currency": "EUR",
                "url": f"https://www.{DOMAIN}/{name.lower()}",
            }
            for name, price in (("Lamps", "49.90"), ("Chairs", "120"), ("Größen", "9.5"))
        ],
        RECIPIENT: msgspec.to_builtins(Recipient(name=one.name)),
    }
    return Planned(
        contact=one.contact,
        address=one.address,
        account=one.account,
        provider=one.provider,
        language=one.language,
        digest=digest,
        values=freeze(values),
    )


@contextmanager
def world(folder: Path, **said: str | int) -> Iterator[World]:
    """`said`: settings besides the usual ones."""
    Workspace.init(folder)
    lines = "".join(
        f"{name} = {msgspec.json.encode(value).decode()}\n" for name, value in said.items()
    )
    (folder / "lettershop.toml").write_text(SETTINGS + lines, "utf-8")
    shutil.copytree(HERE / "letters", folder / "content", dirs_exist_ok=True)
    shutil.copy(HERE / "consent.toml", folder)
    settings = read_settings(folder, {})
    records.connect(folder, settings)
    try:
        records.migrate()
        made = create(folder / "data" / FOLDER, DOMAIN, "s1", now=NOW())
        yield World(folder, settings, made.key)
    finally:
        records.disconnect()


# --- sender processes ----------------------------------------------------------------------------


class Crew:
    """Sender processes: the first by the command, the others as a server starts them, which is the
    same and quicker. What they say is in `log`."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.log = folder, folder / "senders.log"
        self._journal = folder / "data" / "journal"
        self.processes: list[subprocess.Popen[bytes]] = []

    def said(self) -> str:
        return self.log.read_text("utf-8", "replace")[-3_000:]

    def start(self) -> None:
        by_hand = [*PROGRAM, "sender", "-w", str(self._folder)]
        command = command_of(self._folder) if self.log.exists() else by_hand
        with self.log.open("ab") as log:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)
        self.processes.append(process)

    def kill(self, which: int) -> None:
        """With -9."""
        process = self.processes.pop(which)
        process.kill()
        process.wait()
        _let_go(process)

    def has_begun(self, pid: int) -> bool:
        """Whether it has its journal: it sends, and knows what SIGTERM means."""
        return any(f"-{pid}-" in path.name for path in self._journal.glob("*.lock"))

    def begun(self) -> int:
        return sum(self.has_begun(one.pid) for one in self.processes)

    def stop(self) -> list[int]:
        """Asked to end, once all of them know what that means; their exit codes."""
        until(lambda: self.begun() == len(self.processes), said=self.said)
        for process in self.processes:
            process.terminate()
        codes = [process.wait(40) for process in self.processes]
        while self.processes:
            _let_go(self.processes.pop())
        return codes


def _let_go(process: "subprocess.Popen[bytes]") -> None:
    if process.stdin is not None:
        process.stdin.close()


@contextmanager
def crew(folder: Path, count: int = 1) -> Iterator[Crew]:
    """So many of them, gone at the end."""
    made = Crew(folder)
    try:
        for _ in range(count):
            made.start()
        yield made
    finally:
        while made.processes:
            made.kill(0)


def done(send: int, said: Callable[[], str], seconds: float = PATIENCE) -> Counts:
    """When nothing of the send is open any more; `said`: asked for words when that takes too
    long."""
    end = time.monotonic() + seconds
    while (found := counting.counts(send)).open:
        assert time.monotonic() < end, f"{found}\n{said()[-3_000:]}"
        time.sleep(0.05)
    return found
