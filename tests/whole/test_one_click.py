"""Proof 6: the one-click POST of RFC 8058, to a running server, while a campaign is leaving.
Whoever has had its answer gets no further letter."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy
from pathlib import Path

import httpx
from serving import Up

from lettershop.delivery.ledger import counting, planning
from lettershop.delivery.ledger.rows import Listed
from tests.mail_parts.programs import until
from tests.mail_parts.provider import Provider, running_provider
from tests.whole.world import Person, done, world

PEOPLE = [Person(f"p{n}@client.example", f"Person {n}") for n in range(280)]
LEAVING = PEOPLE[80::8]
"""They had a letter before, and leave by what its header says."""
AHEAD = 30
"""Letters before somebody's own at which they leave: some are sent just now."""
MOMENT = 0.1
"""Seconds a letter may have been on its way when the POST was answered: an answer of consent holds
for 50 milliseconds, then comes the wire."""
SLOW = 0.08
"""Seconds a letter takes: a campaign to all of them leaves in a few."""
BODY = "List-Unsubscribe=One-Click"


class Leavers:
    """They do what mailbox providers do for them. `answered`: when, by address."""

    def __init__(self, url: str, provider: Provider) -> None:
        self._url, self._provider = url, provider
        self.answered: dict[str, float] = {}

    def address(self, who: str) -> str:
        """Of their own POST, as the letter's header says it; on the port where the server is."""
        letter = message_from_bytes(self._provider.letters[who], policy=policy.default)
        assert letter["List-Unsubscribe-Post"] == BODY
        said = letter["List-Unsubscribe"].partition("<")[2].partition(">")[0]
        return str(httpx.URL(self._url).join(httpx.URL(said).raw_path.decode()))

    def leave(self, who: str, address: str) -> None:
        headers = {"content-type": "application/x-www-form-urlencoded"}
        with httpx.Client(timeout=30, trust_env=False) as client:
            assert client.get(address, headers=headers).status_code == 200, "and it does nothing"
            found = client.post(address, content=BODY, headers=headers)
        assert found.status_code == 200 and not found.history, found.text
        self.answered[who] = time.monotonic()

    def leave_in_time(self, people: Sequence[Person], begun: int) -> None:
        """Each shortly before their own letter would leave."""
        with ThreadPoolExecutor(4) as at_once:
            waiting = []
            for one in people:
                place = PEOPLE.index(one)
                until(lambda place=place: len(self._provider.taken) - begun >= place - AHEAD, 60)
                address = self.address(one.address)
                waiting.append(at_once.submit(self.leave, one.address, address))
            for each in waiting:
                each.result()


def test_who_has_left_gets_no_further_letter(tmp_path: Path) -> None:
    provider = Provider()
    with (
        running_provider(provider) as port,
        world(tmp_path / "shop", smtp=f"smtp://127.0.0.1:{port}", senders=1) as shop,
    ):
        first = shop.start(shop.campaign(LEAVING, "before"))
        with Up(shop.folder) as server:
            done(first, server.log)
            leavers, provider.slow = Leavers(server.url, provider), SLOW
            begun = len(provider.taken)
            second = shop.start(shop.campaign(PEOPLE, "now"))
            leavers.leave_in_time(LEAVING, begun)
            found = done(second, server.log)
        rows = {row.address: row for row in counting.rows(second, limit=len(PEOPLE))}
        assert found.adds_up and planning.send(second).planned == len(PEOPLE)

    came = {who: at for at, who in provider.taken[begun:]}
    for one in LEAVING:
        row = rows[one.address]
        if one.address in came:  # it was on its way
            assert came[one.address] < leavers.answered[one.address] + MOMENT, row
        assert (row.state, row.reason) == expected(row, one.address in came)
    left = [one for one in LEAVING if one.address not in came]
    assert len(left) >= 5, "too slow to be a proof"
    assert found.states["suppressed"] == len(left)
    assert found.states["accepted"] == len(PEOPLE) - len(left) == len(came)


def expected(row: Listed, came: bool) -> tuple[str, str]:
    return ("accepted", "") if came else ("suppressed", "suppressed.unsubscribe")
