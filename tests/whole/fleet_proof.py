"""The proof of the fleet: machines send one campaign from the same ledger while senders, workers,
whole machines are killed and people unsubscribe; then it is gone through row by row.

test_fleet.py: small;  bench/fleet.py: 50,000 messages
"""

import json
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

import msgspec

from lettershop.delivery.ledger import counting
from lettershop.delivery.ledger.rows import Listed
from lettershop.delivery.models import Message
from lettershop.model.clock import MINUTE, SECOND
from tests.mail_parts.programs import until
from tests.whole.fleet import Machine, Taken, fleet
from tests.whole.fleet_crowd import Crowd, crowd
from tests.whole.world import NOW, PROGRAM, Person, World, done

SURE = {("accepted", 1), ("unknown", 0), ("unknown", 1)}
SOON = 5 * SECOND
"""After an unsubscribe: what is on the wire then is answered by then, on a machine that is busy."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`kills`: so many, about every so many seconds; after each one somebody unsubscribes."""

    people: int
    machines: int = 3
    webs: int = 2
    senders: int = 1
    kills: int
    every: float
    seed: int
    patience: float = 120.0


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """`letters_per_second`: from the start to the last letter, with all that was killed meanwhile.
    `lost`: unknown because a machine and its journals were lost for ever."""

    planned: int
    accepted: int
    suppressed: int
    unknown: int
    lost: int
    left_meanwhile: int
    events: int
    seconds: float
    letters_per_second: float
    kills: dict[str, int]


class Proof:
    """`shop`: the owner of the facts, connected; its campaign goes to the people of the plan."""

    def __init__(self, shop: World, sink: Taken, folder: Path, plan: Plan) -> None:
        self._shop, self._sink, self._folder, self._plan = shop, sink, folder, plan
        self._random = Random(plan.seed)
        self.people = [
            Person(f"p{n}@client.example", f"Person {n}", "Acme & Söhne")
            for n in range(plan.people)
        ]
        self._gone = {one.address: one for one in self.people[::30]}
        """They unsubscribe before it begins."""
        self._kills: dict[str, int] = {}
        self._machines: list[Machine] = []
        self._send = 0
        self._crowd: Crowd

    def run(self) -> Figures:
        """AssertionError where the promise was not kept."""
        self._send = send = self._shop.campaign(self.people)
        self._shop.left(self._gone.values())
        folders = [self._folder / f"machine{n}" for n in range(self._plan.machines)]
        with (
            crowd(self._shop, self._folder, self._plan.webs) as self._crowd,
            fleet(self._shop.folder, folders, self._plan.senders) as self._machines,
        ):
            until(lambda: all(one.sending() for one in self._machines), said=self.said)
            begun = time.monotonic()
            self._shop.start(send)
            until(lambda: self._sink.count() > 20, said=self.said)
            lost = self._trouble()
            wait = self._plan.patience
            until(lambda: counting.counts(send).open <= stuck(lost), wait, said=self.said)
            seconds = time.monotonic() - begun
            time_passes(lost)
            done(send, self.said, wait)
            ended = [one.stop() for one in self._machines]
            events = self._crowd.arrived()
        assert ended == [0] * len(ended), self.said()
        assert not [path for one in self._machines for path in one.journals.iterdir()]
        return self._judged(seconds, events)

    def said(self) -> str:
        return "\n".join(one.said() for one in self._machines)

    # --- while it is sent -----------------------------------------------------------------------

    def _trouble(self) -> set[str]:
        """One machine is lost for ever, others are killed; the senders of the lost one."""
        at = self._random.randrange(self._plan.kills)
        lost = set[str]()
        for number in range(self._plan.kills):
            time.sleep(self._random.random() * 2 * self._plan.every)
            machine = self._random.choice(self._machines)
            if number == at:
                until(machine.sending, said=self.said)
                lost = machine.lose()
                self._counted("machine lost for ever", done=True)
            else:
                self._hurt(machine)
            for one in self._machines:
                one.start()
            self._somebody_leaves()
        return lost

    def _hurt(self, machine: Machine) -> None:
        match self._random.randrange(5):
            case 4:
                self._counted("web killed", done=self._crowd.kill_web(self._random))
            case 0:
                self._counted("worker killed", done=machine.kill_worker())
            case 1:
                self._counted("power cut", done=machine.cut())
            case _:
                self._counted("sender killed", done=machine.kill_sender(self._random))

    def _counted(self, what: str, *, done: bool) -> None:
        self._kills[what] = self._kills.get(what, 0) + done

    def _somebody_leaves(self) -> None:
        person = self._random.choice(self.people)
        if person.address not in {*self._gone, *self._crowd.left}:
            row = Message.objects.get(send=self._send, address=person.address)
            self._crowd.leave(row.pk, person.address, self._random)

    # --- row by row -----------------------------------------------------------------------------

    def _judged(self, seconds: float, events: int) -> Figures:
        send = self._send
        found, taken = counting.counts(send), self._sink.ids()
        assert found.adds_up and found.planned == len(self.people) and found.open == 0, found
        rows = counting.rows(send, limit=len(self.people))
        assert len(rows) == len({row.address for row in rows}) == len(self.people)
        for row in rows:
            self._judge(row, taken.get(row.address, []))
        assert taken.keys() <= {row.address for row in rows}
        unknown = [row for row in rows if row.state == "unknown"]
        assert listed(self._shop.folder, send) == {row.address for row in unknown}
        states = found.states
        return Figures(
            planned=found.planned,
            accepted=states["accepted"],
            suppressed=states["suppressed"],
            unknown=len(unknown),
            lost=sum("are lost" in row.reason for row in unknown),
            left_meanwhile=len(self._crowd.left),
            events=events,
            seconds=round(seconds, 1),
            letters_per_second=round(sum(map(len, taken.values())) / seconds, 1),
            kills=self._kills,
        )

    def _judge(self, row: Listed, got: Sequence[str]) -> None:
        """`got`: the Message-IDs that the mail server took for this person."""
        answer, left = (row.state, len(got)), self._crowd.left.get(row.address)
        if row.address in self._gone:
            assert answer == ("suppressed", 0), row
        elif left is None:
            assert answer in SURE, (row, got)
        else:
            assert answer in {*SURE, ("suppressed", 0)}, (row, got)
            assert row.attempted_at < left + SOON, (row, left)
        if row.message_id:  # that of a letter whose journal is lost is not known
            assert set(got) <= {row.message_id}, (row, got)
        if row.state == "unknown":
            assert "lost" in row.reason or "died" in row.reason, row


def stuck(lost: set[str]) -> int:
    """Rows that only time brings to an end."""
    return Message.objects.filter(holder__in=lost, state="attempting").count()


def time_passes(lost: set[str]) -> None:
    """For rows of senders that are lost: their leases are long over."""
    late = NOW() - 2 * MINUTE
    Message.objects.filter(holder__in=lost, state="attempting").update(held_until=late)


def listed(folder: Path, send: int) -> set[str]:
    """Whom the command names as those that nobody can know about."""
    said = ["send", "proof", str(send), "--list", "unknown", "--limit", "10000", "--json"]
    ended = subprocess.run(
        [*PROGRAM, *said, "-w", str(folder)], capture_output=True, check=True, timeout=60
    )
    return {one["address"] for one in json.loads(ended.stdout)["messages"]}
