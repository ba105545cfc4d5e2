"""Proof 6: the one-click POST of RFC 8058, to a running server, while a campaign is leaving.
Whoever has had its answer gets nothing any more, however soon their letter would have left."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy
from pathlib import Path

import httpx
from serving import Up

from lettershop.delivery.ledger import counting
from lettershop.delivery.providers.knowledge import packaged
from tests.mail_parts.programs import until
from tests.mail_parts.provider import Provider, running_provider
from tests.whole.world import Person, done, world

PEOPLE = [Person(f"p{n}@client.example", f"Person {n}") for n in range(150)]
LEAVE = 24
"""How many do: those whose letters are next."""
CONNECTIONS = packaged().smart_host.connections
BODY = "List-Unsubscribe=One-Click"


def address(letter: bytes, url: str) -> str:
    """Of the one-click POST, as the letter's header says it; on the port where the server is."""
    read = message_from_bytes(letter, policy=policy.default)
    assert read["List-Unsubscribe-Post"] == BODY
    said = read["List-Unsubscribe"].partition("<")[2].partition(">")[0]
    return str(httpx.URL(url).join(httpx.URL(said).raw_path.decode()))


def leave(where: str) -> None:
    """As mailbox providers do it for people."""
    headers = {"content-type": "application/x-www-form-urlencoded"}
    with httpx.Client(timeout=60, trust_env=False) as client:
        assert client.get(where).status_code == 200, "a GET changes nothing"
        found = client.post(where, content=BODY, headers=headers)
    assert found.status_code == 200 and not found.history, found.text


def looked_at(where: Sequence[str]) -> None:
    """What scanners do with the links of a letter: no consent ends by it."""
    with httpx.Client(timeout=60, trust_env=False) as client:
        for one in where:
            assert client.get(one).status_code == 200


def test_who_has_left_gets_nothing_any_more(tmp_path: Path) -> None:
    provider = Provider()
    with (
        running_provider(provider) as port,
        world(tmp_path / "shop", smtp=f"smtp://127.0.0.1:{port}", senders=1) as shop,
        Up(shop.folder) as server,
    ):
        done(shop.start(shop.campaign(PEOPLE, "before")), server.log)
        where = {who: address(letter, server.url) for who, letter in provider.letters.items()}
        assert len(where) == len(PEOPLE)

        provider.taken.clear()
        provider.held = True
        send = shop.start(shop.campaign(PEOPLE, "now"))
        until(lambda: provider.waiting == CONNECTIONS, said=server.log)
        begun = {who for _, who in provider.taken}
        assert len(begun) == CONNECTIONS, "their letters wait for the answer to their dot"
        others = [one.address for one in PEOPLE if one.address not in begun]
        leaving = {*others[: LEAVE - 4], *others[-4:]}
        states = {row.address: row.state for row in counting.rows(send, limit=len(PEOPLE))}
        assert {states[one] for one in leaving} & {"attempting"}, "some are in line already"
        with ThreadPoolExecutor(2) as at_once:
            assert list(at_once.map(leave, (where[one] for one in leaving))) == [None] * LEAVE
        looked_at([where[one] for one in others[LEAVE : LEAVE + 5]])
        provider.held = False
        found = done(send, server.log)

        came = [who for _, who in provider.taken]
        assert sorted(came) == sorted(one.address for one in PEOPLE if one.address not in leaving)
        assert found.adds_up and found.states["accepted"] == len(came)
        rows = counting.rows(send, "suppressed", limit=len(PEOPLE))
        assert {row.address for row in rows} == leaving
        assert {row.reason for row in rows} == {"suppressed.unsubscribe"}
