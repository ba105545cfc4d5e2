"""The public pages of a shop, with a browser that has nothing but one letter, for tests."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from django.test import Client
from opened_shop import Shop

from lettershop.delivery.said import EmailEvent
from lettershop.delivery.tracking.hits import Hit, HitFolder
from lettershop.delivery.tracking.links import Addresses
from lettershop.delivery.tracking.parties import Addressee, Scope, Topic
from lettershop.delivery.tracking.targets import Targets
from lettershop.delivery.tracking.tokens import Tokens
from lettershop.web.public.parties import Public, set_public

TOKENS = Tokens(b"secret")
WAYS = Addresses(TOKENS, "http://localhost")
ANN = Addressee(row=7, send=3, stream="marketing", contact="user:U1", address="ann.lee@example.com")
TARGET = "https://example.com/offer?a=1&b=ä"


class Recorder:
    """Wishes as a list, topics as they were chosen."""

    def __init__(self) -> None:
        self.said: list[tuple[object, ...]] = []
        self.wanted = {"events": True, "offers": False}

    def leave(self, who: Addressee, scope: Scope, source: str, proof: Mapping[str, str], /) -> bool:
        said = ("leave", who.row, scope, source, proof["ip"])
        self.said.append(said)
        return self.said.count(said) == 1

    def undo(self, who: Addressee, scope: Scope, /) -> None:
        self.said.append(("undo", who.row, scope))

    def topics(self, who: Addressee, language: str, /) -> Sequence[Topic]:
        return [Topic(name, f"{name}-{language}", yes) for name, yes in self.wanted.items()]

    def choose(self, who: Addressee, wanted: Mapping[str, bool], /) -> None:
        self.wanted.update(wanted)


class World:
    """The public pages of a shop, with a browser that has nothing but the letter."""

    def __init__(self, shop: Shop) -> None:
        self.client = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
        self.wishes, self.told = Recorder(), list[EmailEvent]()
        self.folder = HitFolder(shop.path / "data" / "hits")
        self.parties = Public(
            tokens=TOKENS,
            clock=shop.clock,
            hits=self.folder,
            targets=Targets(),
            addressees=lambda rows: {row: ANN for row in rows if row == ANN.row},
            wishes=self.wishes,
            emit=self.told.extend,
        )
        set_public(self.parties)

    def hits(self) -> list[Hit]:
        return [hit for file in self.folder.files() for hit in file.hits()]


LEAVE = urlsplit(WAYS.leave(7)).path
