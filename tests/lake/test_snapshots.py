"""Snapshots: one writer at a time, nothing lost when it dies, nothing kept for ever."""

from pathlib import Path

import pytest
from lake.written import check

from lettershop.engines.duckdb.lake.export import export
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.lake import snapshots
from lettershop.lake.manifest import CURRENT, Manifest, Watermark, path_of
from lettershop.lake.storage import Lake, lake_at
from lettershop.model.catalog import Catalog
from lettershop.model.clock import HOUR, MINUTE, parse_instant
from lettershop.model.errors import InputError, NotFound, Unavailable, WorkspaceError
from lettershop.model.facts import ContactFact

NOON = parse_instant("2026-03-02T12:00Z")


def manifest(number: int, at: int = NOON) -> Manifest:
    return Manifest(
        snapshot=number,
        made_at=at,
        watermark=Watermark(seq=number, part=0, visible=at),
        catalog=Catalog(),
        salts={},
        timezone="UTC",
        timezone_field="timezone",
        tables={},
    )


def city(store: Store, name: str, n: int) -> None:
    fact = ContactFact(
        contact="user:ann",
        traits={"city": name},
        ts=NOON + n,
        received_at=NOON + n,
        message_id=f"m{n}",
    )
    load(store, [fact])


def test_nothing_yet(lake: Lake) -> None:
    assert snapshots.newest(lake) is None and snapshots.latest(lake) is None
    with pytest.raises(NotFound, match=r"kept are none \[lake\.no_snapshot\]|lake\.no_snapshot"):
        snapshots.snapshot(lake, 1)


def test_of_two_writers_one_is_told(lake: Lake) -> None:
    """Both had read snapshot 1; the slower one changes nothing."""
    snapshots.commit(lake, manifest(1))
    snapshots.commit(lake, manifest(2))
    with pytest.raises(Unavailable, match=r"lake\.overtaken"):
        snapshots.commit(lake, manifest(2, NOON + 1))
    assert snapshots.newest(lake) == manifest(2)


def test_a_writer_that_died_before_the_last_step_is_helped_on(lake: Lake) -> None:
    """Its manifest is there, `current.json` is not yet: the snapshot counts for the next writer."""
    snapshots.commit(lake, manifest(1))
    named = lake.read(CURRENT)
    snapshots.commit(lake, manifest(2))
    lake.write(CURRENT, named)
    assert snapshots.newest(lake) == manifest(1)
    assert snapshots.latest(lake) == manifest(2)
    assert snapshots.newest(lake) == manifest(2)


def test_a_late_writer_does_not_take_the_name_back(lake: Lake) -> None:
    """Snapshot 2 was made and its writer stood still, while another made 3."""
    for number in (1, 3):
        snapshots.commit(lake, manifest(number))
    snapshots.commit(lake, manifest(2))
    assert snapshots.newest(lake) == manifest(3)


def test_ten_snapshots_and_those_of_the_last_hour_are_kept(lake: Lake) -> None:
    for number in range(1, 41):
        snapshots.commit(lake, manifest(number, NOON + number * 5 * MINUTE))
    snapshots.vacuum(lake, NOON + 40 * 5 * MINUTE)
    assert snapshots.numbers(lake) == [*range(29, 41)]
    snapshots.vacuum(lake, NOON + 100 * HOUR)
    assert snapshots.numbers(lake) == [*range(31, 41)]


def test_files_go_with_the_last_snapshot_that_names_them(store: Store, lake: Lake) -> None:
    """What a kept snapshot names stays whole; nothing else is left of the older ones."""
    for n, name in enumerate(("Ulm", "Bonn", "Trier", "Celle")):
        city(store, name, n)
        export(store, lake, NOON + n)
    before = set(lake.list("data"))
    assert snapshots.vacuum(lake, NOON + 2 * HOUR, kept=2) > 0
    assert snapshots.numbers(lake) == [3, 4]
    kept = [snapshots.snapshot(lake, number) for number in (3, 4)]
    assert set(lake.list("data")) == {path for one in kept for path in snapshots.parts(one)}
    assert set(lake.list("data")) < before
    check(store, lake, kept[-1])


def test_what_a_dead_writer_left_is_swept(store: Store, lake: Lake) -> None:
    """But not the files of a snapshot that is just being written."""
    city(store, "Ulm", 1)
    made = export(store, lake, NOON)
    dead = snapshots.part_path("contacts", "range=0", 1, "dead")
    new = snapshots.part_path("contacts", "range=0", 2, "new")
    for path in (dead, new):
        lake.write(path, b"half a file")
    assert snapshots.sweep(lake) == 1
    assert lake.exists(new) and not lake.exists(dead)
    check(store, lake, made)


@pytest.mark.parametrize(
    ("content", "code"), [(b"{", r"lake\.damaged"), (b'{"format": 99}', r"lake\.format")]
)
def test_what_cannot_be_read_is_said(lake: Lake, content: bytes, code: str) -> None:
    lake.write(path_of(1), content)
    with pytest.raises(WorkspaceError, match=code):
        snapshots.snapshot(lake, 1)


def test_an_address_without_a_driver() -> None:
    with pytest.raises(InputError, match=r"lake\.address"):
        Lake("nowhere://bucket/folder")


def test_a_folder_is_meant_within_the_workspace(tmp_path: Path) -> None:
    assert lake_at("lake", tmp_path).folder == tmp_path / "lake"
    assert lake_at(str(tmp_path / "other"), tmp_path / "shop").folder == tmp_path / "other"
    assert lake_at("memory://lake", tmp_path).folder is None
