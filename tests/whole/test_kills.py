"""Proof 3: real sender processes are killed with -9 at random moments and started again, while
smtp-sink writes down every letter it takes. Nobody is skipped; nobody gets it twice; every letter
that nobody can know about is listed as unknown; and the figures add up."""

import json
import subprocess
import time
from pathlib import Path
from random import Random

from seeds import seed
from serving import Up

from lettershop.delivery.ledger import counting
from tests.mail_parts.programs import until
from tests.mail_parts.sink import message_id, smtp_sink
from tests.whole.world import PROGRAM, Crew, Person, crew, done, world

CONNECTIONS = 8
"""To a smart host, of all senders together (providers.toml)."""
PEOPLE = [Person(f"p{n}@client.example", f"Person {n}", "Acme & Söhne") for n in range(600)]
KILLS = 4
EVERY = 90
"""Letters between two kills, about."""


def test_kills_skip_nobody_and_double_nobody(tmp_path: Path) -> None:
    random = Random(seed())
    with (
        smtp_sink() as sink,
        world(tmp_path / "shop", smtp=f"smtp://127.0.0.1:{sink.port}", senders=2) as shop,
    ):
        send = shop.start(shop.campaign(PEOPLE))
        with crew(shop.folder, 2) as senders:
            for number in range(KILLS):
                wanted = EVERY * number + random.randrange(EVERY)
                until(lambda wanted=wanted: sink.count() > wanted, said=senders.said)
                time.sleep(random.random() * 0.03)
                killed_one(senders, random)
                senders.start()
            found = done(send, senders.said)
            assert set(senders.stop()) == {0}
        sink.quiet()
        taken = sink.mails()

        assert found.adds_up and found.planned == len(PEOPLE) and found.open == 0
        assert found.states["accepted"] + found.states["unknown"] == found.planned
        rows = counting.rows(send, limit=len(PEOPLE))
        for row in rows:
            got = taken.get(row.address, [])
            assert (row.state, len(got)) in {("accepted", 1), ("unknown", 0), ("unknown", 1)}, row
            assert {message_id(one) for one in got} <= {row.message_id}
        unknown = {row.address for row in rows if row.state == "unknown"}
        assert len(unknown) <= KILLS * CONNECTIONS
        assert listed(shop.folder, send) == unknown
        assert not [*(shop.folder / "data" / "journal").iterdir()]


def test_a_killed_server_leaves_nothing_undone(tmp_path: Path) -> None:
    """Its senders notice, bring to an end what is on the wire, and go; the next server's go on."""
    people = PEOPLE[:300]
    with (
        smtp_sink() as sink,
        world(tmp_path / "shop", smtp=f"smtp://127.0.0.1:{sink.port}", senders=1) as shop,
    ):
        send = shop.start(shop.campaign(people))
        with Up(shop.folder) as server:
            until(lambda: sink.count() > 40, said=server.log)
            server.kill()
        sink.quiet()
        with Up(shop.folder) as server:
            found = done(send, server.log)
        sink.quiet()
        assert found.states["accepted"] == found.planned == len(people) and found.adds_up
        assert sorted(map(len, sink.mails().values())) == [1] * len(people)


def killed_one(senders: Crew, random: Random) -> None:
    """One of those that have begun, mostly."""
    begun = [i for i, one in enumerate(senders.processes) if senders.has_begun(one.pid)]
    senders.kill(random.choice(begun or [0]))


def listed(folder: Path, send: int) -> set[str]:
    """Whom the command names as those that nobody can know about."""
    said = ["send", "proof", str(send), "--list", "unknown", "--limit", "10000", "--json"]
    done = subprocess.run(
        [*PROGRAM, *said, "-w", str(folder)], capture_output=True, check=True, timeout=60
    )
    return {one["address"] for one in json.loads(done.stdout)["messages"]}


def test_an_answer_that_never_comes_is_unknown_and_nobody_is_tried_again(tmp_path: Path) -> None:
    """`smtp-sink -q .` takes the letter and hangs up instead of answering: the ambiguity itself."""
    people = PEOPLE[:12]
    with (
        smtp_sink("-q", ".") as sink,
        world(tmp_path / "shop", smtp=f"smtp://127.0.0.1:{sink.port}", senders=1) as shop,
    ):
        send = shop.start(shop.campaign(people))
        with crew(shop.folder) as senders:
            found = done(send, senders.said)
            time.sleep(0.5)
            assert senders.stop() == [0]
        sink.quiet()
        assert found.states["unknown"] == found.planned == len(people)
        assert all(len(mails) <= 1 for mails in sink.mails().values())
