"""Stories of one sender, with a transport that is told what to answer."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from delivery.conftest import Recorded
from delivery.senders.sending import Plain

from lettershop.delivery.ledger import controls, counting, leasing, planning
from lettershop.delivery.ledger.rows import Planned, Row
from lettershop.delivery.models import Message
from lettershop.delivery.senders import journal as journals, pool as pools
from lettershop.delivery.senders.desk import Desk
from lettershop.delivery.senders.journal import Broken, Journal
from lettershop.delivery.senders.lines import Attempting, replayed
from lettershop.delivery.senders.parts import Built, Parts, Steady, Withheld, always
from lettershop.delivery.senders.sender import Sender
from lettershop.delivery.transports import MemoryTransport
from lettershop.delivery.wire import Outgoing, Reply
from lettershop.model.clock import SystemClock

pytestmark = pytest.mark.usefixtures("recorded")
CLOCK = SystemClock()
NOT_NOW = Reply(code=451, status="4.2.0", text="not now")
NOBODY = Reply(code=550, status="5.1.1", text="nobody here")


def planned(count: int, kind: str = "campaign", provider: str = "") -> int:
    at = CLOCK.now()
    send = planning.begin(
        f"{kind}:{provider}",
        kind=kind,  # type: ignore[arg-type]
        name="spring",
        stream="marketing",
        at=at,
    ).id
    people = (
        Planned(contact=f"user:{n}", address=f"u{n}@{provider or 'example.com'}", provider=provider)
        for n in range(count)
    )
    planning.plan(send, people, at)
    controls.start(send, at)
    return send


async def sent(
    folder: Path,
    transport: MemoryTransport,
    until: Callable[[], bool],
    *,
    seconds: float = 20,
    **parts: object,
) -> Sender:
    """A sender that ran until so; `until` asks the records, in a thread."""
    plain = {"builder": Plain(), "may_send": always, "shaper": Steady(2), "transport": transport}
    journal, desk = Journal(folder / "data" / "journal", "one"), Desk()
    sender = Sender(Parts(**(plain | parts)), journal, desk, CLOCK)  # type: ignore[arg-type]
    running = asyncio.create_task(sender.run())
    async with asyncio.timeout(seconds):
        while not running.done() and not await desk(until):
            await asyncio.sleep(0.02)
        sender.stop()
        try:
            await running
        finally:
            await journal.close()
            await desk.close()
    return sender


def settled(send: int) -> Callable[[], bool]:
    """Nothing waits to be tried for the first time."""
    return lambda: not {"planned", "leased", "attempting"} & {s for s, n in states(send).items()}


def states(send: int) -> dict[str, int]:
    return {state: n for state, n in counting.counts(send).states.items() if n}


def test_every_answer_becomes_the_state_it_should(recorded: Recorded) -> None:
    answers = {"u1": NOBODY, "u2": NOT_NOW, "u3": "lost", "u4": "unknown", "u5": "kept"}
    script = MemoryTransport(lambda m: answers.get(m.recipient.partition("@")[0]))  # type: ignore[arg-type, return-value]
    send = planned(7)
    asyncio.run(sent(recorded.folder, script, settled(send)))
    rows = {row.contact: row for row in counting.rows(send)}
    assert [rows[f"user:{n}"].state for n in range(7)] == [
        "accepted",
        "refused",
        "deferred",
        "deferred",
        "unknown",
        "unknown",
        "accepted",
    ]
    refused, deferred = rows["user:1"], rows["user:2"]
    assert (refused.code, refused.status, refused.text) == (550, "5.1.1", "nobody here")
    assert deferred.due_at - CLOCK.now() > 200_000 and deferred.attempts == 1
    assert rows["user:3"].reason == "no connection"
    assert all(rows[f"user:{n}"].message_id for n in (0, 4, 5))
    assert counting.counts(send).adds_up
    assert list((recorded.folder / "data" / "journal").iterdir()) == []


def test_a_transactional_message_without_an_answer_is_tried_again(recorded: Recorded) -> None:
    lost = [False, True]
    transport = MemoryTransport(lambda message: "kept" if lost.pop() else None)
    send = planned(1, "transactional")
    asyncio.run(sent(recorded.folder, transport, settled(send)))
    assert states(send) == {"deferred": 1}
    Message.objects.update(due_at=0)
    asyncio.run(sent(recorded.folder, transport, lambda: states(send) == {"accepted": 1}))
    first, second = transport.messages
    assert first.content == second.content
    assert counting.counts(send).resent == 1


def test_attempting_is_on_disk_before_the_final_dot(recorded: Recorded) -> None:
    """Asked at the very moment the dot is said: what would a crash leave now?"""
    folder, seen = recorded.folder / "data" / "journal", list[bool]()

    class Watching(MemoryTransport):
        async def connect(self, provider: str = ""):  # type: ignore[no-untyped-def]
            inner = await super().connect(provider)
            finish, offer, offered = inner.finish, inner.offer, list[int]()

            async def watched_offer(message: Outgoing) -> Reply:
                offered.append(message.id)
                return await offer(message)

            async def watched_finish() -> Reply:
                last = replayed(sorted(folder.glob("*.log"))).last.get(offered[-1])
                seen.append(isinstance(last, Attempting))
                return await finish()

            inner.offer, inner.finish = watched_offer, watched_finish  # type: ignore[method-assign]
            return inner

    send = planned(50)
    asyncio.run(sent(recorded.folder, Watching(), settled(send)))
    assert seen == [True] * 50


def test_what_cannot_be_built_stops_nobody_else(recorded: Recorded) -> None:
    class Picky(Plain):
        def build(self, row: Row) -> Built | Withheld:  # type: ignore[override]
            if row.contact == "user:1":
                return Withheld("suppressed", "no price for this market")
            if row.contact == "user:2":
                raise ZeroDivisionError
            return super().build(row)

    send = planned(4)
    transport = MemoryTransport()
    asyncio.run(sent(recorded.folder, transport, settled(send), builder=Picky()))
    assert states(send) == {"accepted": 2, "suppressed": 1, "failed": 1}
    reasons = {why.reason for why in counting.counts(send).why if why.reason}
    assert reasons == {"no price for this market", "it could not be built: ZeroDivisionError"}


def test_consent_is_asked_again_before_every_message(recorded: Recorded) -> None:
    """Ten wait for one slow connection; who objects meanwhile is not written to."""
    objected: set[str] = set()

    class Slow(Steady):
        def may_start(self, provider: str) -> float:
            wait = self.last + 100 - CLOCK.now()
            if wait <= 0:
                self.last = CLOCK.now()
            return max(0.0, wait / 1_000)

        last = 0

    def may_send(rows: Sequence[Row]) -> list[str | None]:
        return ["unsubscribed" if row.contact in objected else None for row in rows]

    def meanwhile() -> bool:
        if len(transport.messages) == 2 and not objected:
            objected.update({"user:7", "user:8"})
        return settled(send)()

    transport = MemoryTransport()
    send = planned(10)
    done = sent(recorded.folder, transport, meanwhile, may_send=may_send, shaper=Slow(1))
    asyncio.run(done)
    assert states(send) == {"accepted": 8, "suppressed": 2}
    assert not {"u7@example.com", "u8@example.com"} & {m.recipient for m in transport.messages}


def test_a_pause_is_felt_within_a_second(recorded: Recorded) -> None:
    class Calm(Steady):
        def __init__(self) -> None:
            super().__init__(1)
            self.last = 0

        def may_start(self, provider: str) -> float:
            wait = self.last + 20 - CLOCK.now()
            if wait > 0:
                return wait / 1_000
            self.last = CLOCK.now()
            return 0.0

    when: list[tuple[int, int]] = []

    def paused_for_two_seconds() -> bool:
        now = CLOCK.now()
        if not when and len(transport.messages) > 5:
            controls.pause(send)
            when.append((now, 0))
        if len(when) == 1 and now - when[0][0] > 1_000:
            when.append((now, len(transport.messages)))
        return bool(when) and now - when[0][0] > 2_000

    transport = MemoryTransport()
    send = planned(400)
    asyncio.run(sent(recorded.folder, transport, paused_for_two_seconds, shaper=Calm()))
    count = len(transport.messages)
    assert when[1][1] == count < 200, "nothing left in the second second"
    assert states(send) == {"accepted": count, "planned": 400 - count}
    controls.resume(send, CLOCK.now())
    asyncio.run(sent(recorded.folder, transport, settled(send)))
    assert states(send) == {"accepted": 400}
    assert len({m.recipient for m in transport.messages}) == len(transport.messages) == 400


def test_a_provider_that_minds_slows_down_nobody_else(recorded: Recorded) -> None:
    class Minding(Steady):
        minded = False

        def may_start(self, provider: str) -> float:
            return 600.0 if provider == "slow.example" and self.minded else 0.0

        def told(self, provider: str, reply: Reply) -> None:
            self.minded |= reply.code == 421

    def script(message: Outgoing) -> Reply | None:
        return minds if message.recipient.endswith("slow.example") else None

    minds = Reply(code=421, status="4.7.28")
    slow, quick = planned(300, provider="slow.example"), planned(300, provider="quick.example")
    transport = MemoryTransport(script)

    def until() -> bool:
        return states(quick) == {"accepted": 300} and "leased" not in states(slow)

    asyncio.run(sent(recorded.folder, transport, until, shaper=Minding(2)))
    assert {m.recipient.partition("@")[2] for m in transport.messages} == {"quick.example"}
    found = states(slow)
    assert 1 <= found["deferred"] <= 4 and found["deferred"] + found["planned"] == 300
    assert leasing.waiting(CLOCK.now()) == [], "all of them are due later"


def test_an_unreachable_server_loses_nothing(recorded: Recorded) -> None:
    down = [True]
    transport = MemoryTransport(welcome=lambda provider: "lost" if down[0] else None)
    send = planned(100)

    def none_waits() -> bool:
        return leasing.waiting(CLOCK.now()) == [] and "leased" not in states(send)

    asyncio.run(sent(recorded.folder, transport, none_waits))
    assert transport.messages == [] and counting.counts(send).open == 100
    down[0] = False
    Message.objects.update(due_at=0)
    asyncio.run(sent(recorded.folder, transport, settled(send)))
    assert states(send) == {"accepted": 100}


def test_without_a_journal_nothing_is_sent(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full: the sender ends, and no message has got its final dot since."""

    def fails(file: int) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(journals.os, "fdatasync", fails)
    transport = MemoryTransport()
    send = planned(50)
    with pytest.raises(Broken, match="no space"):
        asyncio.run(sent(recorded.folder, transport, lambda: False))
    assert transport.messages == []
    assert states(send) == {"planned": 50}


def test_connections_are_closed_when_idle_and_after_enough_messages(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "IDLE", 0.05)
    transport = MemoryTransport()
    send = planned(30)
    shaper = Steady(connections=1, messages=10)
    asyncio.run(sent(recorded.folder, transport, settled(send), shaper=shaper))
    assert len(transport.connections) >= 3
    assert len(transport.messages) == 30


def test_one_provider_alone_is_never_put_off(recorded: Recorded) -> None:
    """More than several leases; giving rows back for later would cost ten seconds."""
    send, transport = planned(1_300), MemoryTransport()
    asyncio.run(sent(recorded.folder, transport, settled(send), shaper=Steady(16)))
    assert states(send) == {"accepted": 1_300}
    assert not Message.objects.exclude(due_at=0).exists()
