"""A shop with 120 people, published segments and a partition, kept current: for tests of pages."""

import random
from collections.abc import Iterator

from opened_shop import NOW, Shop

from lettershop.app.keeping import Keeper
from lettershop.app.publishing import Publisher
from lettershop.engines.duckdb.rows import load
from lettershop.model.clock import DAY, parse_instant
from lettershop.model.facts import AccountFact, AnyFact, ContactFact, EventFact, MembershipFact

PEOPLE = 120
LEAPING = ("hot", "hot and in", "signed-in", "low", "high", "unscored", "big")
AT = parse_instant(NOW)
FILES = {
    "lists.toml": """
[[segment]]
name = "hot"
title = "Hot leads"
where = 'score >= 7'

[[segment]]
name = "signed-in"
where = 'did "Signed In" within last 30 days'

[[segment]]
name = "hot and in"
where = 'in segment "hot" and in segment "signed-in"'

[[segment]]
name = "east/west"
where = 'country = "DE"'

[[segment]]
name = "big"
subject = "account"
where = 'employees > 50'
""",
    "level.toml": """
[[partition]]
name = "level"
title = "Level of score"
catch_all = "unscored"
[[partition.segment]]
name = "low"
title = "Low <b>scores</b>"
where = 'score < 3'
[[partition.segment]]
name = "high"
where = 'score >= 3'
""",
}


class SegmentShop:
    """`pass_time` refreshes what is kept; `write` puts a file into segments/."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        running = shop.running
        self.keeper = Keeper(shop.engine, shop.clock, running.streams)

    def pass_time(self, milliseconds: int = 1_000) -> None:
        self.shop.clock.advance(milliseconds)
        while self.keeper.step():
            pass

    def write(self, name: str, text: str) -> None:
        folder = self.shop.path / "segments"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")

    def load(self, facts: list[AnyFact]) -> None:
        with self.shop.engine.write() as workspace:
            load(workspace.store, facts)

    def publish(self) -> None:
        with self.shop.engine.read() as workspace:
            Publisher(workspace, self.shop.principal("owner")).apply(allow_size=LEAPING)


def filled(shop: Shop) -> SegmentShop:
    """The first 10 of every 12 have a score from 0 to 9; a user's country is drawn at random."""
    made = SegmentShop(shop)
    made.load([*facts()])
    for name, text in FILES.items():
        made.write(name, text)
    made.publish()
    made.pass_time()
    return made


def facts(seed: int = 1) -> Iterator[AnyFact]:
    draw = random.Random(seed)
    for n in range(12):
        traits = {"name": f"Firm {n}", "employees": n * 10}
        yield AccountFact(
            ts=1_000, received_at=1_000, message_id=f"a{n}", account=f"A{n}", traits=traits
        )
    for n in range(PEOPLE):
        yield from _person(n, draw)


def _person(n: int, draw: random.Random) -> Iterator[AnyFact]:
    score, said = n % 12, {"ts": 1_000, "received_at": 1_000}
    traits: dict[str, object] = {
        "name": f"Ada <i>{n}</i>" if n == 7 else f"Person {n}",
        "country": draw.choice(["DE", "US"]),
        "team": "red" if score in (7, 8, 9) and n % 5 else "blue",
        "luck": draw.random(),
    }
    if score < 10:
        traits["score"] = score
    who = f"user:U{n}"
    yield ContactFact(
        **said, message_id=f"c{n}", contact=who, also=(f"email:u{n}@example.com",), traits=traits
    )
    yield MembershipFact(**said, message_id=f"m{n}", contact=who, account=f"A{n % 12}")
    if score >= 5:
        at = AT - (n + 1) * DAY // 10
        yield EventFact(ts=at, received_at=at, message_id=f"e{n}", name="Signed In", contact=who)
