"""The stories, told to a refresher that goes on from what it remembers; in every chapter one that
has just been started is asked as well, and finds that the same people enter and leave."""

from collections.abc import Iterator
from typing import Any

import pytest
from refresh import stories_people, stories_recorded, stories_segments
from refresh.clockwork import Chapter, Tale, definition, moment, name_of, spoken
from refresh.dense import Names

from lettershop.engines.duckdb import merges
from lettershop.engines.duckdb.evaluate import evaluate
from lettershop.engines.duckdb.refresh.refresher import Found, Refresher
from lettershop.engines.duckdb.refresh.tables import read_memberships
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.model.settings import Settings
from lettershop.planning.keep import Keep, Pin

STORIES = [*stories_people.STORIES, *stories_segments.STORIES, *stories_recorded.STORIES]
TYPES: Any = {
    ("contact", "timezone"): "text",
    ("contact", "plan"): "text",
    ("contact", "score"): "number",
    ("account", "employees"): "number",
}


@pytest.mark.parametrize("tale", STORIES, ids=lambda tale: tale.title)
def test_tale(tale: Tale) -> None:
    with Store.open(None) as store:
        store.con.execute("SET threads = 1")
        shop = Shop(store, tale)
        for chapter in tale.chapters:
            told = [chapter.at, *shop.live(chapter)]
            wanted = [chapter.at, *expected(shop, chapter), *chapter.moves]
            assert "\n".join(told) == "\n".join(wanted)


PLAIN = [
    tale
    for tale in [*stories_people.STORIES, *stories_segments.STORIES]
    if all(kept.mode == "dynamic" for kept in tale.segments.values())
    and all(c.undo is None and c.pins is None and not c.edits for c in tale.chapters)
]


@pytest.mark.parametrize("tale", PLAIN, ids=lambda tale: tale.title)
def test_time_travel(tale: Tale) -> None:
    """What was kept at a time is what is answered later for that time."""
    with Store.open(None) as store:
        load(store, [fact for chapter in tale.chapters for fact in chapter.hears], types=TYPES)
        names = Names(store)
        for chapter in tale.chapters:
            asked = [definition(*kept) for kept in tale.segments.items()]
            answer = evaluate(store, asked, moment(chapter.at))
            for name, kept in tale.segments.items():
                who = map(called, names.told(kept.subject, answer.members(name)))
                assert sorted(who) == sorted(chapter.holds.get(name, "").split()), chapter.at


def expected(shop: "Shop", chapter: Chapter) -> list[str]:
    return [
        f"{name} holds {' '.join(sorted(chapter.holds.get(name, '').split())) or 'nobody'}"
        for name in shop.kept
    ]


class Shop:
    def __init__(self, store: Store, tale: Tale) -> None:
        self.store, self.kept = store, dict(tale.segments)
        self.versions = dict.fromkeys(self.kept, 1)
        self.pins: list[str] = []
        self.refresher = Refresher(Settings())
        self.seen = -1

    def live(self, chapter: Chapter) -> list[str]:
        """What happens, and a refresh: who is in which segment, and who moved."""
        at = moment(chapter.at)
        if chapter.hears:
            load(self.store, chapter.hears, types=TYPES)
        if chapter.undo is not None:
            merges.undo(self.store, chapter.undo, at)
        self.pins = self.pins if chapter.pins is None else [*chapter.pins]
        for name, kept in chapter.edits.items():
            self.versions[name] = self.versions.get(name, 0) + 1
            if kept is None:
                del self.kept[name]
            else:
                self.kept[name] = kept
        names = Names(self.store)
        self.store.forget()
        keeps = [*self.keeps(names)]
        anew = Refresher(Settings()).compute(self.store, keeps, at)
        found = self.refresher.compute(self.store, keeps, at)
        assert moved(anew) == moved(found)
        self.refresher.persist(self.store, found)
        return [*self.holds(names), *sorted(self.moves(names))]

    def keeps(self, names: Names) -> Iterator[Keep]:
        for name, kept in self.kept.items():
            pins = [pin for pin in self.pins if pin.endswith((f" in {name}", f" out of {name}"))]
            numbers = names.numbers[kept.subject]
            yield Keep(
                definition=definition(name, kept),
                version=self.versions[name],
                pins=tuple(
                    Pin(numbers[f"user:{pin.split()[0]}"], pin.split()[1] == "in") for pin in pins
                ),
            )

    def holds(self, names: Names) -> list[str]:
        stored = read_memberships(self.store.con)
        assert stored.keys() == self.kept.keys()
        who = {n: names.told(kept.subject, stored[n]) for n, kept in self.kept.items()}
        return [f"{n} holds {' '.join(sorted(map(called, w))) or 'nobody'}" for n, w in who.items()]

    def moves(self, names: Names) -> Iterator[str]:
        rows = self.store.con.execute(
            "SELECT t.id, t.segment, k.subject, t.subject, entered, effective_at, cause"
            " FROM transitions AS t LEFT JOIN kept AS k USING (segment) WHERE t.id > $seen",
            {"seen": self.seen},
        ).fetchall()
        for number, segment, sort, subject, entered, effective, cause in rows:
            [who] = names.told(sort or "contact", [subject])  # type: ignore[arg-type]
            does = "enters" if entered else "leaves"
            yield f"{called(who)} {does} {segment}: {cause}, {spoken(effective)}"
            self.seen = max(self.seen, number)


def moved(found: Found) -> set[tuple[str, int, bool]]:
    return {
        (moves.segment, int(subject), bool(entered))
        for moves in found.moves
        for subject, entered in zip(moves.subjects, moves.entered, strict=True)
    }


def called(who: object) -> str:
    return "@".join(map(called, who)) if isinstance(who, tuple) else name_of(str(who))
