"""The post office of a server in this process, with a ledger one can write into and a door for
mail."""

import smtplib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from opened_shop import migrated

from lettershop import Workspace
from lettershop.app import records
from lettershop.app.server import Server
from lettershop.compliance.suppression import SuppressionAnswer
from lettershop.compliance.unsubscribe import why_suppressed
from lettershop.delivery.ledger.planning import begin, plan
from lettershop.delivery.ledger.rows import Kind, Planned
from lettershop.delivery.models import Message, Send
from lettershop.delivery.returns.verp import verp
from lettershop.engines.duckdb.rows import load
from lettershop.model.clock import FixedClock, parse_instant
from lettershop.model.facts import AccountFact, ContactFact, MembershipFact

NOW = parse_instant("2026-11-23T09:00Z")
DOMAIN = "news.acme.example"
BOB = "Bob@client.example"


class Window:
    def __init__(self, server: Server, clock: FixedClock) -> None:
        self.server, self.office, self.clock = server, server.office, clock
        self.secret = records.secret_key(server.data).encode()

    def mailed(
        self,
        key: str = "campaign:1",
        address: str = BOB,
        contact: str = "user:bob",
        *,
        kind: Kind = "campaign",
        going: bool = False,
        **said: Any,
    ) -> int:
        """A row of the ledger, accepted a minute ago unless something else is said; its number."""
        at = self.clock.now() - 60_000
        send = begin(key, kind=kind, name="spring", stream="marketing", at=at)
        plan(send.id, [Planned(contact=contact, address=address, account="client")], at)
        row = Message.objects.get(send=send.id, contact=contact)
        usual = {"state": "accepted", "attempted_at": at, "settled_at": at}
        usual["message_id"] = f"<{row.pk}@{DOMAIN}>"
        Message.objects.filter(pk=row.pk).update(**(usual | said))
        Send.objects.filter(pk=send.id).update(state="sending" if going else "done")
        return row.pk

    def address(self, row: int) -> str:
        """Where bounces of that letter come back to."""
        return verp(self.secret, row, DOMAIN)

    def hand_in(self, mail: bytes, to: str) -> None:
        """As a mail server in front of us does; when it returns the mail is kept."""
        lmtp = self.office.returns.lmtp
        assert lmtp is not None
        with smtplib.LMTP("127.0.0.1", lmtp.port) as door:
            assert door.sendmail("", [to], mail) == {}

    def settled(self) -> None:
        """Everything that is due is done: returns taken in, outcomes told, facts loaded."""
        self.until(lambda: self.office.returns.spool.count() == 0)
        while self.office.outcomes.step():
            pass
        log, loader = self.server.log, self.server.loader
        self.until(lambda: log.waiting == 0 and log.last_seq == loader.position)

    def until(self, happened: Callable[[], object], seconds: float = 15) -> None:
        end = time.monotonic() + seconds
        while not happened():
            assert time.monotonic() < end, self.server.jobs.states
            time.sleep(0.01)

    def who(self, condition: str) -> list[str]:
        """Who a condition is true of, a moment later."""
        with self.server.engine.read() as workspace:
            found = workspace.count(condition, as_of=self.clock.now() + 1_000)
            return sorted(str(member["identity"]) for member in found.members())

    def events(self) -> set[str]:
        """Names of all that ever happened."""
        with self.server.engine.read() as workspace:
            return set(workspace.store.catalog().events)

    def suppressions(self, address: str = BOB) -> list[SuppressionAnswer]:
        return why_suppressed(self.office.compliance().book, address)


@contextmanager
def window(folder: Path, *, started: bool = True, **said: Any) -> Iterator[Window]:
    """Of a new workspace in which Bob of the client is known, and Mara looks after the client."""
    clock = FixedClock(NOW)
    if not (folder / "lettershop.toml").exists():
        made(folder)
    server = Server.open(folder, clock, **{"lmtp": "127.0.0.1:0"} | said)
    try:
        if started:
            server.start()
        yield Window(server, clock)
    finally:
        server.stop()


def made(folder: Path) -> Path:
    Workspace.init(folder)
    migrated(folder)
    (folder / "owners.toml").write_text('["mara@acme.example"]\nname = "Mara"\n', "utf-8")
    at = {"ts": NOW - 86_400_000, "received_at": NOW - 86_400_000}
    with Workspace.open(folder, clock=FixedClock(NOW)) as shop:
        account = {"name": "Client", "owner": "MARA@acme.example"}
        people = [
            ContactFact(
                **at,
                message_id=name,
                contact=f"user:{name}",
                also=(f"email:{name}@client.example",),
            )
            for name in ("bob", "eve")
        ]
        client = AccountFact(**at, message_id="a1", account="client", traits=account)
        member = MembershipFact(**at, message_id="m1", contact="user:bob", account="client")
        load(shop.store, [*people, client, member])
    return folder
