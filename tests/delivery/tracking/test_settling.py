"""Hits on disk become facts a little later, each once, however often and whenever it is stopped."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from lettershop.delivery.said import EmailEvent
from lettershop.delivery.tracking.hits import Hit, HitFolder, network
from lettershop.delivery.tracking.parties import Addressee
from lettershop.delivery.tracking.settling import KEPT, Settling, regrade
from lettershop.model.clock import MINUTE, SECOND, FixedClock
from lettershop.model.errors import Unavailable

CHROME = "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"


class World:
    def __init__(self, folder: Path) -> None:
        self.clock = FixedClock("2026-03-02T09:00Z")
        self.path, self.folder = folder, HitFolder(folder)
        self.told: list[EmailEvent] = []
        self.away = False
        self.delivered = self.clock.now() - 60 * MINUTE
        self.settling = Settling(self.folder, self.find, self.emit, self.clock)

    def find(self, rows: Sequence[int]) -> Mapping[int, Addressee]:
        return {
            row: Addressee(
                row=row, send=3, stream="marketing", contact=f"user:U{row}", account="A1",
                address=f"u{row}@example.com", at=self.delivered, provider="google",
            )
            for row in rows if row < 100
        }  # fmt: skip

    def emit(self, events: Sequence[EmailEvent]) -> None:
        if self.away:
            raise Unavailable("intake.disk", "full")
        self.told += events

    def hit(self, number: int = 1, row: int = 7, method: str = "GET", after: int = 0) -> None:
        made = Hit(
            kind="click" if number else "open", row=row, send=3, number=number, method=method,
            at=self.clock.now() + after, url="https://example.com/", agent=CHROME,
            network="198.51.100.0/24",
        )  # fmt: skip
        assert self.folder.add(made)

    def wait(self, ms: int) -> None:
        self.clock.advance(ms)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "hits")


def test_a_click_becomes_a_fact_a_little_later(world: World) -> None:
    world.hit()
    assert not world.settling.step() and world.told == []
    world.wait(46 * SECOND)
    assert world.settling.step() and not world.settling.step()
    [fact] = world.told
    assert (fact.name, fact.contact, fact.account) == ("Email Link Clicked", "user:U7", "A1")
    assert fact.properties["grade"] == "human"
    assert fact.properties["link_url"] == "https://example.com/"
    assert fact.at == world.clock.now() - 46 * SECOND


def test_what_came_after_decides_about_what_came_before(world: World) -> None:
    """Also over the border of two files: 09:00:14.0, then 15.0 and 16.5."""
    world.wait(14 * SECOND)
    for number, after in ((1, 0), (2, 1000), (3, 2500)):
        world.hit(number, after=after)
    world.wait(40 * SECOND)
    world.settling.step()
    assert [fact.properties["grade"] for fact in world.told] == ["machine"]
    world.wait(20 * SECOND)
    world.settling.step()
    assert [fact.properties["grade"] for fact in world.told] == ["machine"] * 3


def test_both_files_at_once_know_of_each_other(world: World) -> None:
    world.wait(14 * SECOND)
    for number, after in ((1, 0), (2, 1000), (3, 2500)):
        world.hit(number, after=after)
    world.wait(10 * MINUTE)
    world.settling.step()
    assert [fact.properties["grade"] for fact in world.told] == ["machine"] * 3


def test_head_is_no_click_but_tells_of_the_next(world: World) -> None:
    world.hit(method="HEAD")
    world.hit(after=500)
    world.wait(2 * MINUTE)
    world.settling.step()
    [fact] = world.told
    assert fact.properties["grade_reasons"] == ["probed"]


def test_what_could_not_be_told_is_told_later_with_the_same_id(world: World) -> None:
    world.hit()
    world.hit(0, after=50)
    world.wait(MINUTE)
    world.away = True
    assert not world.settling.step() and world.told == []
    world.away = False
    assert world.settling.step()
    ids = [fact.message_id for fact in world.told]
    again = Settling(HitFolder(world.path), world.find, world.emit, world.clock)
    for path in world.path.glob("*.done"):
        path.rename(str(path).removesuffix(".done"))  # as if killed between telling and noting it
    again.step()
    assert [fact.message_id for fact in world.told] == ids * 2


def test_letters_that_are_not_in_the_ledger_tell_nothing(world: World) -> None:
    world.hit(row=500)
    world.wait(MINUTE)
    assert world.settling.step() and world.told == []


def test_told_files_are_forgotten(world: World) -> None:
    world.hit()
    world.wait(MINUTE)
    world.settling.step()
    assert [file.done for file in world.folder.files()] == [True]
    world.wait(KEPT)
    world.settling.step()
    assert [*world.folder.files()] == []


def test_a_torn_line_costs_one_hit_only(world: World) -> None:
    world.hit(1)
    [file] = world.folder.files()
    with file.path.open("ab") as out:
        out.write(b'{"kind":"cl\n\xff\xff\n')
    world.hit(1, row=8)
    assert [hit.row for hit in file.hits()] == [7, 8]


def test_a_folder_holds_so_much(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.hit()
    monkeypatch.setattr("lettershop.delivery.tracking.hits.MOST", 1)
    assert not world.folder.add(Hit(kind="open", row=1, send=1, at=world.clock.now()))


def test_facts_are_graded_again_by_what_they_hold(world: World) -> None:
    for number, after in ((1, 0), (2, 1000), (3, 2000), (1, 20_000)):
        world.hit(number, after=after)
    world.hit(1, row=8, method="HEAD")
    world.hit(1, row=8, after=900)
    world.wait(3 * MINUTE)
    world.settling.step()
    told = [fact.properties for fact in world.told]
    assert [(one.grade, list(one.reasons)) for one in regrade(told)] == [
        (one["grade"], one["grade_reasons"]) for one in told
    ]
    with pytest.raises(ValueError, match="holds no hit"):
        regrade([{"grade": "human"}])


def test_a_hit_is_quickly_kept(world: World) -> None:
    best = min(_seconds(world) for _ in range(50))
    assert best < 1e-3, f"{best * 1e6:.0f} µs"  # measured: about 20


def _seconds(world: World) -> float:
    began = time.perf_counter()
    world.hit()
    return time.perf_counter() - began


@pytest.mark.parametrize(
    ("address", "cut"),
    [
        ("198.51.100.77", "198.51.100.0/24"),
        ("2001:db8:7:1::5", "2001:db8:7::/48"),
        ("::ffff:198.51.100.77", "198.51.100.0/24"),
        ("", ""),
        ("unknown", ""),
    ],
)
def test_an_address_is_cut(address: str, cut: str) -> None:
    assert network(address) == cut
