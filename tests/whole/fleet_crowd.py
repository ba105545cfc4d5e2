"""The world while a fleet sends: events and unsubscribes to two web processes, which are killed and
started again meanwhile. What was acknowledged is remembered, to be found at the end."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import httpx
import msgspec

from lettershop.access.keys import create_key, create_source
from lettershop.access.principal import Principal
from lettershop.access.tokens import create_token
from lettershop.app.sending.marks import Marks
from tests.cluster.parties import PATIENCE, Party
from tests.mail_parts.programs import until
from tests.whole.fleet import deploy
from tests.whole.world import NOW, World

EVENT = "Page Seen"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


class Crowd:
    """`taken`: events that were acknowledged; `unsure`: nobody answered. `left`: by address, when
    its unsubscribe was acknowledged."""

    def __init__(self, shop: World, webs: list[Path]) -> None:
        self._shop, self._folders = shop, webs
        self._key = create_key(create_source("app", "server"))[1]
        self._token = create_token("tests", "owner", Principal("tests", "owner", "local"))[1]
        self._marks = Marks(shop.folder / "data", shop.settings)
        self._loader = Party("loader", shop.folder, {})
        self._webs = [Party("web", folder, {}) for folder in webs]
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._events)
        self.taken = self.unsure = 0
        self.left: dict[str, int] = {}

    def __enter__(self) -> "Crowd":
        for one in (self._loader, *self._webs):
            one.__enter__()
        for one in (self._loader, *self._webs):
            until(one.ready, said=one.log)
        self._thread.start()
        return self

    def __exit__(self, *of: object) -> None:
        self._ending.set()
        self._thread.join()
        for one in (*self._webs, self._loader):
            one.__exit__(None, None, None)

    def kill_web(self, random: Random) -> bool:
        """With -9; another one is started in its folder."""
        which = random.randrange(len(self._webs))
        self._webs[which].kill()
        self._webs[which].__exit__(None, None, None)
        self._webs[which] = Party("web", self._folders[which], {}).__enter__()
        return True

    def leave(self, row: int, address: str, random: Random) -> None:
        """The one-click of the letter in that row of the ledger (RFC 8058)."""
        path = urlsplit(self._marks.links(row)["unsubscribe_url"]).path
        answer = self._asked(
            lambda web: httpx.post(web.url + path, data=ONE_CLICK, trust_env=False, timeout=20),
            random.choice(self._webs),
        )
        if answer is not None:
            assert answer.status_code == 200, answer.text[:500]
            self.left[address] = NOW()

    def arrived(self) -> int:
        """After the last event: when all that were acknowledged are facts; how many."""
        self._ending.set()
        self._thread.join()
        until(lambda: self._count() >= self.taken, said=self._loader.log)
        found = self._count()
        assert found <= self.taken + self.unsure, "an event arrived twice"
        return found

    # --- inside ---------------------------------------------------------------------------------

    def _events(self) -> None:
        number = 0
        while not self._ending.wait(0.05):
            number += 1
            said = {"userId": f"p{number % 50}", "event": EVENT, "messageId": f"seen-{number}"}
            body = msgspec.json.encode(said)

            def post(web: Party, body: bytes = body) -> httpx.Response:
                url, auth = f"{web.url}/v1/track", (self._key, "")
                return httpx.post(url, content=body, auth=auth, trust_env=False, timeout=20)

            answer = self._asked(post, self._webs[number % len(self._webs)])
            self.taken += answer is not None and answer.status_code == 200
            self.unsure += answer is None

    def _asked(self, ask: Callable[[Party], httpx.Response], web: Party) -> httpx.Response | None:
        """None when nobody answered."""
        try:
            return ask(web)
        except httpx.TransportError:
            time.sleep(0.05)
            return None

    def _count(self) -> int:
        headers = {"authorization": f"Bearer {self._token}"}
        url = f"{self._loader.url}/api/v1/events/names"
        answer = httpx.get(url, headers=headers, trust_env=False, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        return sum(one["count"] for one in answer.json()["items"] if one["name"] == EVENT)


@contextmanager
def crowd(shop: World, folder: Path, webs: int) -> Iterator[Crowd]:
    """The loader of the shop, and so many web processes in folders of their own."""
    folders = [folder / f"web{n}" for n in range(webs)]
    for one in folders:
        deploy(shop.folder, one)
    with Crowd(shop, folders) as made:
        yield made
