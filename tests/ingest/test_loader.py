"""The loader: exactly once, whatever comes twice, breaks, or stops in the middle."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ingest.logged import NOON, Logged

from lettershop.engines.duckdb.store import Store
from lettershop.ingest import loader
from lettershop.ingest.log.request import Request
from lettershop.model.clock import DAY, HOUR, SECOND, format_instant
from lettershop.model.settings import Settings


def seen(number: int, **more: Any) -> dict[str, Any]:
    call = {"type": "track", "event": "Seen", "userId": f"U{number % 7}", "messageId": f"m{number}"}
    return call | {"properties": {"n": number}} | more


def numbers(shop: Logged) -> list[int]:
    return sorted(int(row[0]) for row in shop.events("Seen", "n"))


@pytest.fixture
def shop() -> Iterator[Logged]:
    with Store.open(None) as store:
        yield Logged(store)


def test_everything_is_loaded_once_in_steps_of_any_size(shop: Logged) -> None:
    for batch in range(30):
        shop.send({"batch": [seen(batch * 10 + i) for i in range(10)]})
    shop.loader._most_bytes = shop.loader._bytes = 4_000
    steps = []
    while (step := shop.loader.step()).requests:
        steps.append(step)
    assert len(steps) > 3
    assert sum(step.requests for step in steps) == 30 == steps[-1].seq == shop.loader.position
    assert sum(step.events for step in steps) == 300
    assert numbers(shop) == [*range(300)]
    assert shop.restarted().step().requests == 0


def test_a_call_that_comes_again_is_a_duplicate(shop: Logged) -> None:
    first = shop.load(seen(1), seen(2), seen(1))
    assert (first.events, first.duplicates) == (3, 1)
    again = shop.load(seen(2), seen(3))
    assert (again.events, again.duplicates, again.refused) == (2, 1, 0)
    assert numbers(shop) == [1, 2, 3]
    assert shop.counts == {"loaded": 3, "duplicate": 2}
    assert [s.outcome for s in shop.seen] == [
        *("loaded", "loaded", "duplicate"),
        *("duplicate", "loaded"),
    ]


def test_without_a_message_id_its_place_in_the_log_is_one(shop: Logged) -> None:
    bare = {"type": "track", "event": "Seen", "userId": "U1"}
    shop.send({"batch": [bare, bare]})
    shop.send({"batch": [bare]})
    assert shop.loader.step().duplicates == 0
    assert shop.events("Seen") == [("log:1:0",), ("log:1:1",), ("log:2:0",)]


def test_the_live_page_is_told_the_last_calls(shop: Logged) -> None:
    shop.load(*(seen(n) for n in range(60)), {"type": "track", "userId": "null", "event": "Seen"})
    assert len(shop.seen) == 50
    assert (shop.seen[0].name, shop.seen[0].who, shop.seen[0].call) == ("Seen", "user:U4", "track")
    last = shop.seen[-1]
    assert (last.outcome, last.code, last.who) == ("refused", "identity.blocked", "null")
    assert shop.counts == {"loaded": 60, "refused": 1}


# --- time -----------------------------------------------------------------------------------------


def times(shop: Logged) -> list[tuple[int, int]]:
    return [(row[0] - NOON, row[1] - NOON) for row in shop.events("Seen", "ts", "received_at")]


def test_a_wrong_clock_is_corrected(shop: Logged) -> None:
    slow = NOON - 400 * DAY
    shop.send(
        {
            "batch": [seen(1, timestamp=format_instant(slow - HOUR))],
            "sentAt": format_instant(slow),
        }
    )
    shop.send({"batch": [seen(2, timestamp=format_instant(NOON - HOUR))]})
    shop.send({"batch": [seen(3)], "sentAt": format_instant(slow)})
    shop.send({"batch": [seen(4, timestamp=format_instant(NOON - HOUR))], "sentAt": "soon"})
    own = seen(5, timestamp=format_instant(slow - HOUR), sentAt=format_instant(slow))
    shop.send(own, call="track")
    shop.loader.step()
    assert times(shop) == [(-HOUR, 0), (-HOUR, 0), (0, 0), (-HOUR, 0), (-HOUR, 0)]


def test_a_time_that_a_server_has_corrected_stays(shop: Logged) -> None:
    wrong = format_instant(NOON - 9 * DAY)
    right = format_instant(NOON - 2 * HOUR)
    shop.send({"batch": [seen(1, timestamp=right, originalTimestamp=wrong)], "sentAt": wrong})
    shop.send({"batch": [seen(2, originalTimestamp=wrong)], "sentAt": wrong})
    shop.loader.step()
    assert times(shop) == [(-2 * HOUR, 0), (0, 0)]


def test_imported_history_counts_as_received_when_it_happened(shop: Logged) -> None:
    old = {"batch": [seen(1, timestamp="2024-05-01T10:00:00Z")], "sentAt": "2026-03-01T00:00:00Z"}
    shop.send(old, call="import")
    shop.loader.step()
    [(ts, received)] = shop.events("Seen", "ts", "received_at")
    assert ts == received == 1714557600000


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("2026-03-02T11:00:00Z", -HOUR),
        ("2026-03-02T11:00:00.25+00:00", -HOUR + 250),
        ("2026-03-02T12:00:00+01:00", -HOUR),
        ("2026-03-02T11:00:00", -HOUR),  # without a zone: UTC
        (" 2026-03-02T11:00:00Z ", -HOUR),
        ((NOON - HOUR) // SECOND, -HOUR),
        (NOON - HOUR, -HOUR),
        (str((NOON - HOUR) // SECOND), -HOUR),
        ("2026-03-05T12:00:00Z", 3 * DAY),  # ahead: it counts once it has come
        ("", 0),
    ],
)
def test_times_as_clients_write_them(shop: Logged, said: object, at: int) -> None:
    shop.load(seen(1, timestamp=said))
    assert times(shop) == [(at, 0)]


# --- what breaks ----------------------------------------------------------------------------------


def forbid(shop: Logged, condition: str) -> None:
    """Make the database itself refuse some events, as a defect of it would."""
    [(made,)] = shop.rows("SELECT sql FROM duckdb_tables() WHERE table_name = 'event_seen'")
    shop.store.con.execute("ALTER TABLE event_seen RENAME TO event_seen_before")
    shop.store.con.execute(made.rstrip().rstrip(";")[:-1] + f", CHECK ({condition}))")
    shop.store.con.execute("INSERT INTO event_seen FROM event_seen_before")
    shop.store.con.execute("DROP TABLE event_seen_before")


def test_the_one_event_the_engine_cannot_take_is_found(shop: Logged) -> None:
    shop.load(seen(0))
    forbid(shop, "n IS NULL OR n NOT IN (13, 77)")
    for batch in range(10):
        shop.send({"batch": [seen(batch * 10 + i) for i in range(10)]})
    step = shop.loader.step()
    assert (step.requests, step.events, step.duplicates, step.refused) == (10, 100, 1, 2)
    assert numbers(shop) == [n for n in range(100) if n not in (13, 77)]
    assert [(r.code, r.seq, r.index) for r in shop.refused()] == [
        ("event.unloadable", 3, 3),
        ("event.unloadable", 9, 7),
    ]
    assert "CHECK" in shop.refused()[0].message
    assert shop.loader.step().requests == 0


def test_many_of_them_take_several_steps_and_stop_in_the_middle_of_a_batch(
    shop: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "MOST_UNLOADABLE", 3)
    shop.load(seen(0))
    forbid(shop, "n < 9")
    shop.send({"batch": [seen(n) for n in range(1, 14)]})
    first = shop.loader.step()
    assert first.refused == 3 and first.seq == 1 == shop.loader.position
    second = shop.restarted().step()
    assert (second.events, second.refused, second.seq) == (2, 2, 2)
    assert numbers(shop) == [*range(9)]
    assert [r.index for r in shop.refused()] == [*range(8, 13)]


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from ingest.logged import Logged
from ingest.test_loader import numbers, seen
from lettershop.engines.duckdb.store import Store
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Store.open(Path(sys.argv[1]) / "f.duckdb") as store:
    shop = Logged(store)
    shop.load(seen(0))
    shop.send({"batch": [seen(n, properties={"n": n, "t": "x" * 500}) for n in range(1, 500)]})
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, -1))
    for _ in range(3):
        try:
            shop.loader.step()
        except Exception as error:
            print(type(error).__name__)
    resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
    while shop.loader.step().requests:
        pass
    print(shop.codes(), len(numbers(shop)), shop.loader.position)
"""


def test_a_full_disk_loses_and_refuses_nothing(tmp_path: Path) -> None:
    tests = str(Path(__file__).parent.parent)
    found = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": tests},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    *failures, last = found.stdout.splitlines()
    assert len(failures) == 3 and set(failures) <= {"TransactionException", "IOException"}
    assert last == "[] 500 2"


# --- who ------------------------------------------------------------------------------------------


def test_identities_said_together_again_and_again_are_said_once(shop: Logged) -> None:
    both = {"userId": "U1", "anonymousId": "a"}
    first = shop.load(*(seen(n, **both) for n in range(5)))
    assert first.facts == 5 + 1
    assert shop.load(*(seen(n, **both) for n in range(5, 10))).facts == 5
    earlier = seen(10, timestamp="2026-01-01T00:00:00Z", **both)
    assert shop.load(earlier, at=NOON - DAY).facts == 1 + 1  # known since earlier: that is news
    assert shop.store.contact_id("user:U1") == shop.store.contact_id("anon:a")


def test_the_workspace_says_which_ids_are_nobodys() -> None:
    with Store.open(None) as store:
        shop = Logged(store, Settings(blocked_ids=("Demo User",)))
        shop.load(seen(1, userId=" demo user"), seen(2, userId="null"))
        assert shop.codes() == ["identity.blocked"]
        assert shop.store.contact_id("user:null") == 0


def test_a_role_is_kept_over_steps_and_lost_with_the_membership(shop: Logged) -> None:
    def call(number: int, event: str, **more: Any) -> dict[str, Any]:
        at = format_instant(NOON + number * SECOND)
        base = {"userId": "U1", "messageId": str(number), "timestamp": at}
        return base | {"type": "track", "event": event, "context": {"groupId": "g"}} | more

    def role() -> list[Any]:
        return [row[0] for row in shop.rows("SELECT role FROM people WHERE active")]

    shop.load(call(1, "Account Added User", properties={"role": "Owner"}))
    shop.load(call(2, "Signed Up"))
    assert role() == ["Owner"]
    shop.load(call(3, "Account Removed User"))
    assert role() == []
    shop.load(call(4, "Signed Up"))
    assert role() == [None]


def test_a_conflict_the_engine_notes_is_kept_as_a_note() -> None:
    with Store.open(None) as store:
        shop = Logged(store, Settings())
        mails = [{"traits": {"email": f"u{n}@acme.com"}} for n in range(9)]
        calls = [
            {"type": "identify", "userId": "U1", "messageId": str(n)} | mails[n] for n in range(9)
        ]
        step = shop.load(*calls)
        assert (step.events, step.refused) == (9, 0)
        assert step.notes == len(shop.codes()) == 9 - Settings().most_emails
        assert {(r.code, r.level) for r in shop.refused()} == {("identity.not_joined", "note")}


def test_another_hash_of_the_database_is_no_reason_to_load_twice(tmp_path: Path) -> None:
    path = tmp_path / "f.duckdb"
    with Store.open(path) as store:
        Logged(store).load(seen(1), seen(2))
        store.con.execute("UPDATE message_ids SET key = key // 2")
    with Store.open(path) as store:
        shop = Logged(store)
        shop.requests = [Request(seq=1, received_at=NOON, source="s", call="track", body=b"{}")]
        assert shop.load(seen(2), seen(3)).duplicates == 1
        assert numbers(shop) == [1, 2, 3]
