"""What is written into the lake: all of it at first, then only what changed."""

import pytest
from lake.written import check, in_files, paths
from msgspec import structs

from lettershop.engines.duckdb import merges
from lettershop.engines.duckdb.lake.drafting import MOST, merged_from
from lettershop.engines.duckdb.lake.export import export
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.lake.manifest import Manifest
from lettershop.lake.snapshots import newest, parts, snapshot
from lettershop.lake.storage import Lake
from lettershop.model.clock import DAY, parse_instant
from lettershop.model.errors import InputError
from lettershop.model.facts import AnyFact, ContactFact, EventFact, MembershipFact, RecordFact

MONDAY = parse_instant("2026-03-02T09:00Z")


def event(n: int, who: str = "anon:1", name: str = "Page Viewed", **properties: object) -> AnyFact:
    at = MONDAY + n * 1000
    return EventFact(
        name=name,
        contact=who,
        properties=properties,
        ts=at,
        received_at=at,
        message_id=f"{name} {n}",
    )


def said(n: int, **traits: object) -> AnyFact:
    at = MONDAY + n * 1000
    return ContactFact(
        contact="user:ann", traits=traits, ts=at, received_at=at, message_id=f"said {n}"
    )


def joins(who: str, account: str, n: int) -> AnyFact:
    at = MONDAY + n * 1000
    return MembershipFact(
        contact=who, account=account, role="admin", ts=at, received_at=at, message_id=f"joins {n}"
    )


def write(store: Store, lake: Lake, *facts: AnyFact) -> Manifest:
    """Load and export; the lake holds just what is stored."""
    load(store, facts)
    manifest = export(store, lake, MONDAY)
    check(store, lake, manifest)
    assert newest(lake) == manifest
    return manifest


def test_everything_then_what_is_new(store: Store, lake: Lake) -> None:
    first = write(store, lake, *(event(n, plan="pro") for n in range(50)), said(1, city="Ulm"))
    second = write(store, lake, event(50, plan="free"))
    assert (first.snapshot, second.snapshot) == (1, 2)
    assert paths(second, "event_page_viewed")[:1] == paths(first, "event_page_viewed")
    assert len(paths(second, "event_page_viewed")) == 2
    assert paths(second, "contact_history") == paths(first, "contact_history")
    assert [r[0] for r in in_files(lake, second.tables["event_page_viewed"])] == [*range(51)]
    check_still_whole(store, lake, first, rows=50)


def check_still_whole(store: Store, lake: Lake, old: Manifest, rows: int) -> None:
    """Whoever reads an older snapshot reads on."""
    assert snapshot(lake, old.snapshot) == old
    assert len(in_files(lake, old.tables["event_page_viewed"])) == rows


def test_nothing_new_is_no_snapshot(store: Store, lake: Lake) -> None:
    first = write(store, lake, event(1), said(1, city="Ulm"))
    store.set_meta("looked_at", "later")
    assert export(store, lake, MONDAY + DAY) == first
    assert len(lake.list("snapshots")) == 1


def test_a_merge_rewrites_the_parts_with_its_events_only(store: Store, lake: Lake) -> None:
    """An anonymous visitor turns out to be Ann; the visits of others stay in their files."""
    write(store, lake, *(event(n) for n in range(5)), said(0, city="Ulm"))
    before = write(store, lake, *(event(n, "anon:2") for n in range(5, 9)))
    met = ContactFact(
        contact="user:ann", also=("anon:1",), ts=MONDAY, received_at=MONDAY, message_id="met"
    )
    after = write(store, lake, met)
    old, new = paths(before, "event_page_viewed"), paths(after, "event_page_viewed")
    assert len(old) == len(new) == 2
    assert new[0] != old[0] and new[1] == old[1]
    merges.undo(store, merges.merges(store)[0].id, MONDAY + DAY)
    undone = write(store, lake)
    assert paths(undone, "event_page_viewed")[0] not in (old[0], new[0])
    assert paths(undone, "event_page_viewed")[1] == old[1]


def test_a_late_membership_rewrites_whose_events_they_are(store: Store, lake: Lake) -> None:
    before = write(store, lake, *(event(n, "user:ann") for n in range(10, 15)))
    after = write(store, lake, joins("user:ann", "acme", 1))
    assert paths(before, "event_page_viewed") != paths(after, "event_page_viewed")
    accounts = [row[4] for row in in_files(lake, after.tables["event_page_viewed"])]
    assert accounts == [0] * 5


def test_a_new_property_is_in_new_files_only(store: Store, lake: Lake) -> None:
    before = write(store, lake, event(1, plan="pro"))
    after = write(store, lake, event(2, plan="pro", amount=12.5))
    table = after.tables["event_page_viewed"]
    assert table.paths[0] == before.tables["event_page_viewed"].paths[0]
    assert [c.name for c in table.columns][-2:] == ["plan", "amount"]
    assert [str(row[-1]) for row in in_files(lake, table)] == ["None", "12.500000"]


def test_new_kinds_of_facts_become_tables(store: Store, lake: Lake) -> None:
    write(store, lake, event(1))
    deal = RecordFact(
        kind="deal", id="7", traits={"size": 3}, ts=MONDAY, received_at=MONDAY, message_id="d"
    )
    after = write(store, lake, event(2, name="Deal Won"), deal)
    assert {"event_deal_won", "record_deal", "record_deal_history"} <= set(after.tables)
    assert after.catalog == store.catalog()


def test_many_small_exports_leave_few_files(store: Store, lake: Lake) -> None:
    """And no row is written often: each time about as many as are new."""
    write(store, lake, *(event(n) for n in range(400)))
    first = newest(lake)
    assert first is not None
    for n in range(400, 424):
        load(store, [event(n)])
        export(store, lake, MONDAY)
    last = write(store, lake)
    table = last.tables["event_page_viewed"]
    assert len(table.paths) <= MOST + 1
    assert table.paths[0] == first.tables["event_page_viewed"].paths[0]
    rows = [row[0] for row in in_files(lake, table)]
    assert rows == [*range(424)]


@pytest.mark.parametrize(
    ("rows", "first"),
    [
        ([], 0),
        ([5], 1),
        ([10] * MOST, MOST),
        ([10] * (MOST + 1), 0),
        ([10_000] + [10] * MOST, 1),
        ([100_000, 30_000, 9_000, 2_500, 700, 150, 40, 10, 2], 5),
        ([6_000_000] + [1] * MOST, MOST + 1),
        ([6_000_000] + [1] * (MOST + 1), 1),
    ],
)
def test_which_generations_are_written_together(rows: list[int], first: int) -> None:
    assert merged_from(rows) == first


def test_days_share_a_file_until_they_are_many(
    store: Store, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Years of a rare event are one file each; a busy year is cut into months, then days."""
    monkeypatch.setattr("lettershop.engines.duckdb.lake.drafting.FEW", 20)
    rare = write(store, lake, *(event(n * 86_400 * 40) for n in range(12)))
    assert spans_of(rare) == [("day=2026-01-01", 365), ("day=2027-01-01", 365)]
    busy = write(store, lake, *(event(n * 86_400 // 10 + 7) for n in range(60)))
    assert ("day=2027-01-01", 365) in spans_of(busy)
    assert ("day=2026-03-03", 1) in spans_of(busy)
    assert ("day=2026-12-01", 31) in spans_of(busy)
    table = busy.tables["event_page_viewed"]
    for one in table.partitions:
        at = parse_instant(one.key.removeprefix("day=") + "T00:00Z")
        rows = [row[1] for row in in_files(lake, structs.replace(table, partitions=(one,)))]
        assert rows and all(at <= ts < at + one.days * DAY for ts in rows)


def spans_of(manifest: Manifest) -> list[tuple[str, int]]:
    return [(one.key, one.days) for one in manifest.tables["event_page_viewed"].partitions]


def test_another_workspace_is_refused(store: Store, lake: Lake) -> None:
    write(store, lake, event(1))
    with Store.open(None) as other:
        load(other, [event(1)])
        with pytest.raises(InputError, match=r"lake\.of_another"):
            export(other, lake, MONDAY)


def test_facts_that_know_less_are_refused(store: Store, lake: Lake) -> None:
    """A database from an old backup must not take the newer facts out of the lake."""
    store.set_meta("intake_seq", "7")
    write(store, lake, event(1))
    store.set_meta("intake_seq", "6")
    with pytest.raises(InputError, match=r"lake\.ahead"):
        export(store, lake, MONDAY)


def test_all_files_again(store: Store, lake: Lake) -> None:
    first = write(store, lake, event(1), said(1, city="Ulm"))
    again = export(store, lake, MONDAY, anew=True)
    check(store, lake, again)
    assert again.snapshot == 2 and not set(parts(first)) & set(parts(again))
