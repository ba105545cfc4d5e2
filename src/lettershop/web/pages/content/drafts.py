"""Letters made of what somebody is typing, kept for as long as their preview is looked at."""

import hashlib
from collections import OrderedDict
from threading import Lock
from typing import Final

MOST: Final = 60
"""Letters that are kept; whoever asks for an older one loads the page again."""


class Drafts:
    """In memory only: what is not saved is nobody's but its author's."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._lock = Lock()

    def keep(self, author: str, html: str) -> str:
        """The key to get it by: the same for the same letter, so that a frame need not be loaded
        again."""
        key = hashlib.blake2b(html.encode(), digest_size=12).hexdigest()
        with self._lock:
            self._kept[author, key] = html
            self._kept.move_to_end((author, key))
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return key

    def get(self, author: str, key: str) -> str | None:
        with self._lock:
            return self._kept.get((author, key))


DRAFTS: Final = Drafts()
