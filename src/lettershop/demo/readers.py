"""Made-up readers of the demo's letters: they follow links, and one of them unsubscribes.

Requests are real, to the addresses in the letters as the mailbox got them, so that everything after
them is real as well. Whoever looks at the log finds that these readers say what they are.
"""

import html
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Final

import httpx
import msgspec

from lettershop.delivery.mailbox.reading import Read, read
from lettershop.delivery.mailbox.store import Mail, Store
from lettershop.delivery.mailbox.transport import FILE
from lettershop.model.clock import SECOND, SystemClock

CLICK: Final = 0.4
"""How many of them follow a link."""
READING: Final = 4 * SECOND
"""Whoever clicks sooner after a letter's arrival is taken for a machine."""
ONE_CLICK: Final = {"List-Unsubscribe": "One-Click"}
_LINK: Final = re.compile(r'href="(https?://[^"]+/c/[^"]+)"')
_LEAVE: Final = re.compile(r"<(https?://[^>]+/u/[^>]+)>")


class Reacted(msgspec.Struct, frozen=True):
    """`arrived`: letters in the mailbox; `clicked`, `left`: readers."""

    arrived: int = 0
    clicked: int = 0
    left: int = 0


def react(folder: Path, seed: int) -> Reacted:
    """What the readers of everything in the mailbox of the workspace `folder` do, the same ones for
    the same seed. Its server must be running."""
    store = Store(folder / "data" / FILE)
    try:
        mails = sorted(_all(store), key=lambda mail: mail.recipients)
        letters = [read(store.content(mail.id)) for mail in mails]
    finally:
        store.close()
    if not letters:
        return Reacted()
    newest = max(mail.at for mail in mails)
    time.sleep(max(0, newest + READING - SystemClock().now()) / SECOND)
    with httpx.Client(timeout=10.0, trust_env=False) as client:
        return _react(client, letters, Random(seed))


def _react(client: httpx.Client, letters: Sequence[Read], random: Random) -> Reacted:
    """The last of those who do not click unsubscribes."""
    order = random.sample(range(len(letters)), len(letters))
    clicking = order[: max(1, round(CLICK * len(letters)))]
    clicked = sum(_clicks(client, letters[place], place, random) for place in clicking)
    left = sum(_leaves(client, letters[place], place) for place in order[len(clicking) :][-1:])
    return Reacted(len(letters), clicked, left)


def _clicks(client: httpx.Client, letter: Read, place: int, random: Random) -> bool:
    """A link that leads on; not the way out, which counts no click."""
    links = _LINK.findall(letter.html)
    if not links:
        return False
    address = html.unescape(random.choice(links))
    return client.get(address, headers=_agent(place)).status_code == 302


def _leaves(client: httpx.Client, letter: Read, place: int) -> bool:
    """As mailbox providers do for people who press their button (RFC 8058)."""
    said = dict(letter.headers).get("List-Unsubscribe", "")
    found = _LEAVE.search(said)
    if found is None:
        return False
    answer = client.post(found[1], data=ONE_CLICK, headers=_agent(place))
    return answer.is_success


def _agent(place: int) -> dict[str, str]:
    """Each has a browser of their own: one for all would be a gateway that looks for malware."""
    return {"User-Agent": f"Mozilla/5.0 (made-up reader {place + 1} of the Lettershop demo)"}


def _all(store: Store) -> Iterator[Mail]:
    before = None
    while page := store.newest(before=before, limit=500):
        yield from page
        before = page[-1].id
